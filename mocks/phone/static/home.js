// Home, filled part by part.

import { h, icon } from './dom.js';
import { ask } from './api.js';
import { account, withNames } from './regions.js';
import { freshness, link, note, part, pill, row, section } from './ui.js';
import { date, greeting, headline, moment, plain, value } from './format.js';
import { actingRole, caseState, ended, licenceStatus } from './words.js';

export const common = [['/matters', 'matter', '办事'], ['/licences', 'card', '证照'], ['/apps', 'apps', '小程序']];

export function home(screen) {
  screen.title('首页');
  const hello = h('p', { class: 'hello' }, greeting());
  const acting = h('p', { class: 'sub', hidden: true });
  account().then((me) => {
    hello.textContent = me.kind === 'ENTERPRISE' ? me.name : `${greeting()}，${me.name}`;
    acting.hidden = !me.actor;
    acting.textContent = me.actor ? `${actingRole[me.actor.role] || '代表'}：${me.actor.name}` : '';
  }).catch(() => {});
  return [
    hello, acting,
    h('a', { class: 'ask', href: '#/search' }, icon('search'), '想办什么事？'),
    shortcuts([...common, ['/ledger', 'eye', '数据足迹']]),
    part(() => ask('HomeReminders'), reminders, 1),
    section('正在办的事', link('/cases', '全部'), part(() => withNames('HomeCases'), homeCases, 1)),
    section('我的证照', link('/licences', '全部'), part(() => withNames('HomeLicences'), homeLicences, 2)),
    section('各地的信息', null, part(() => withNames('HomeTiles'), tiles, 4)),
    h('p', { class: 'example' }, '演示系统：人物、数据、金额均为虚构（示例）'),
  ];
}

// shortcuts lead to what is used most.
export const shortcuts = (list) => h('nav', { class: 'shortcuts', 'aria-label': '常用' }, list
    .map(([to, picture, name]) => h('a', { href: '#' + to }, h('span', { class: 'spot' }, icon(picture)), name)));

export function reminders({ homeReminders: list }) {
  return list.slice(0, 3).map((r) => h('a', { class: 'reminder', href: '#/licences' }, icon('clock'),
    h('span', { class: 'grow' }, h('strong', {}, r.kind === 'LICENCE_EXPIRED' ? `${r.title}已经到期` : `${r.title}还有 ${r.daysLeft} 天到期`),
      h('span', {}, r.kind === 'LICENCE_EXPIRED' ? `${date(r.due)}到期，请尽快换领` : date(r.due)))));
}

export function homeCases({ homeCases: { own, elsewhere }, name }) {
  const mine = (own || []).filter((c) => !ended.has(c.state));
  const recent = mine.length ? mine.slice(0, 3) : (own || []).slice(0, 1);
  const others = elsewhere ? elsewhere.cases.length : 0;
  return h('div', { class: 'card list' },
    recent.map((c) => row('/case/' + c.id, 'hand', c.itemName, `${name(c.region)} · ${moment(c.updatedAt)}`, statePill(c.state))),
    !recent.length && note('没有正在办的事。'),
    others > 0 && row('/cases', 'matter', `各省还有 ${others} 件`, '在窗口或当地应用办的也在这里'));
}

export const statePill = (state) => pill(state === 'DONE' ? 'good' : ['CORRECTION', 'REFUSED', 'PAYMENT_DUE'].includes(state) ? 'alert' : 'calm',
  caseState[state] || (/[\u4e00-\u9fff]/.test(state) ? state : '办理中'));

export function homeLicences({ homeLicences: { licences: list, sources }, name }) {
  const failing = sources.filter((s) => s.freshness === 'UNAVAILABLE').length;
  return h('div', { class: 'card list' },
    list.slice(0, 3).map((l) => row('/licences', 'card', l.typeName, l.issuer, pill(l.status === 'VALID' ? 'good' : 'alert', licenceStatus[l.status]))),
    !list.length && note('还没有找到证照。'),
    list.length > 3 && row('/licences', 'card', `一共 ${list.length} 张`, failing ? `有 ${failing} 个地方暂时连不上` : `来自 ${sources.length} 个地方：${sources.slice(0, 3).map((s) => name(s.province)).join('、')}等`));
}

export function tiles({ homeTiles: list, name }) {
  const groups = Map.groupBy ? Map.groupBy(list, (t) => t.province) : group(list);
  if (!list.length) return note('还没有地方有您的信息。');
  return [...groups].map(([code, some]) => h('article', { class: 'card province', 'data-province': code },
    h('header', {}, h('h3', {}, name(code)), h('a', { class: 'source', href: '#/app/' + encodeURIComponent(some[0].app) }, some[0].source)),
    some.map(tile)));
}

function group(list) {
  const groups = new Map();
  for (const t of list) groups.set(t.province, [...(groups.get(t.province) || []), t]);
  return groups;
}

function tile(t) {
  const { words, figure, unit } = headline(t.headline);
  const face = [
    h('span', { class: 'tile-title' }, plain(t.title)),
    t.freshness !== 'UNAVAILABLE' && h('span', { class: 'figure' }, figure, unit && h('small', {}, ' ' + unit)),
    words && h('span', { class: 'tile-words' }, words),
    freshness(t),
  ];
  if (!t.lines.length) return h('div', { class: 'tile', 'data-freshness': t.freshness }, h('div', { class: 'tile-face' }, face));
  return h('details', { class: 'tile', 'data-freshness': t.freshness }, h('summary', { class: 'tile-face' }, face),
    h('dl', {}, t.lines.map((l) => h('div', {}, h('dt', {}, l.label), h('dd', {}, value(l.value))))));
}

// The receipt and the progress of a matter, and all of a person's.

import { h, fill, icon } from './dom.js';
import { whose } from './acting.js';
import { ask } from './api.js';
import { follow } from './live.js';
import { namer, withNames } from './regions.js';
import { toCashier } from './pay.js';
import { button, freshness, note, pages, part, row, section } from './ui.js';
import { amount, grouped, moment } from './format.js';
import { caseState, ended } from './words.js';
import { statePill } from './home.js';

const path = ['SUBMITTED', 'RECEIVED', 'ACCEPTED', 'DONE'];

// oneCase is the receipt and the live progress of a matter.
export function oneCase(screen) {
  const { id } = screen.params;
  screen.title('办理进度');
  return part(() => withNames('Case', { id }), ({ case: c, name }) => {
    if (!c) return note('没有找到这件事。');
    const box = h('div', { class: 'case' });
    let now = c;
    const draw = () => fill(box, progress(now, name));
    draw();
    const over = new AbortController();
    const look = async (moved) => {
      if (moved.state === now.state && moved.receipt === now.receipt && moved.events.length === now.events.length) return;
      now = (await ask('Case', { id })).case;
      draw();
      if (ended.has(now.state)) over.abort();
    };
    if (!ended.has(c.state)) follow('CaseChanged', { id }, AbortSignal.any([screen.signal, over.signal]), ({ caseChanged }) => { look(caseChanged).catch(() => {}); });
    return box;
  }, 3);
}

const pictures = { REFUSED: 'warn', CORRECTION: 'warn', CLOSED: 'off', PAYMENT_DUE: 'pay' };

// due is what a case costs, and where it is paid.
function due(c) {
  const { payment: p } = c;
  return h('div', { class: 'card due' },
    h('div', { class: 'line' }, h('span', {}, p.title), h('strong', { class: 'figure' }, amount(p.amount), h('small', {}, ' 元'))),
    p.state === 'DUE' && [h('p', { class: 'quiet-word' }, `请在 ${moment(p.payBefore)} 前缴费，过时不扣钱，这件事也不办了。`), button('primary wide', [icon('pay'), '去缴费'], () => toCashier(c.id))],
    p.state === 'PAID' && h('p', { class: 'paid' }, icon('check'), `已缴费，${moment(p.paidAt)}`),
    p.state === 'CLOSED' && h('p', { class: 'quiet-word' }, '没有在时限内缴费，没有扣钱。'),
    Number(p.refunding) > 0 && h('p', { class: 'quiet-word' }, `多缴的 ${amount(p.refunding)} 元正在退回`), Number(p.refunded) > 0 && h('p', { class: 'quiet-word' }, `多缴的 ${amount(p.refunded)} 元已退回`));
}

function progress(c, name) {
  const at = Object.fromEntries(c.events.map((e) => [e.state, e]));
  const order = c.state === 'CLOSED' ? ['PAYMENT_DUE', 'CLOSED'] : c.state === 'PAYMENT_DUE' ? ['PAYMENT_DUE', ...path] : c.state === 'REFUSED' ? ['SUBMITTED', 'RECEIVED', 'REFUSED'] : c.state === 'CORRECTION' ? ['SUBMITTED', 'RECEIVED', 'CORRECTION', 'DONE'] : path;
  const now = order.indexOf(c.state);
  return [
    h('div', { class: 'receipt', 'data-state': c.state }, h('span', { class: 'seal' }, icon(pictures[c.state] || 'hand')),
      h('p', { class: 'big' }, caseState[c.state] || '办理中'), h('p', {}, c.itemName), h('p', { class: 'quiet-word' }, name(c.region) + '办理')),
    c.payment && due(c),
    h('dl', { class: 'card plain-list' },
      h('div', {}, h('dt', {}, '业务协同编号'), h('dd', { class: 'code' }, grouped(c.id))),
      c.receipt && h('div', {}, h('dt', {}, '当地受理号'), h('dd', { class: 'code' }, c.receipt)),
      h('div', {}, h('dt', {}, '提交时间'), h('dd', {}, moment(c.createdAt)))),
    section('进度', null, h('ol', { class: 'steps', 'aria-live': 'polite' }, order.map((s, i) => {
      const event = at[s];
      const when = s === 'SUBMITTED' ? c.createdAt : event?.at;
      return h('li', { class: i < now ? 'past' : i === now ? 'now' : '', 'aria-current': i === now ? 'step' : null },
        h('strong', {}, caseState[s], i > now && h('span', { class: 'away' }, '，还没到')),
        i <= now && when && h('small', {}, moment(when)), event?.note && h('small', {}, event.note), event?.reviewPoint && h('p', { class: 'point' }, event.reviewPoint));
    }))),
    section('用到的材料', null, h('ul', { class: 'card found' }, c.materials.map((m) => h('li', { class: 'yes' }, icon('check'), h('span', { class: 'grow' }, m.name, (m.upload || m.signature) && h('small', {}, m.upload ? '您上传的文件' : '您已签署')))))),
    note('有新的进展会发到“消息”，不用一直等在这里。'),
  ];
}

export function cases(screen) {
  screen.title(whose() + '办件');
  return [
    section('在这里办的', null, part(async () => namer(), (name) => pages(async (after) => (await ask('Cases', { first: 20, after })).cases,
      (c) => row('/case/' + c.id, 'hand', c.itemName, `${name(c.region)} · ${moment(c.updatedAt)}`, statePill(c.state)), '还没有在这里办过事。'), 1)),
    section('各省记着的', null, part(async () => ({ ...(await ask('HomeCases')), name: await namer() }), ({ homeCases: { elsewhere }, name }) => !elsewhere ? note('暂时取不到。') : [
      h('div', { class: 'stack' }, elsewhere.cases.map((c) => h('div', { class: 'row' }, h('span', { class: 'grow' }, h('strong', {}, c.title),
        h('small', {}, `${name(c.province)}${c.updatedAt ? ' · ' + moment(c.updatedAt) : ''}`), freshness(c, true)), statePill(c.state)))),
      elsewhere.sources.filter((s) => s.freshness === 'UNAVAILABLE' || s.freshness === 'STALE').map((s) => h('div', { class: 'line' }, h('span', {}, s.name), freshness(s))),
    ])),
  ];
}

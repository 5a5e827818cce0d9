// The licences of all provinces in one shelf.

import { h, icon } from './dom.js';
import { allows, whose } from './acting.js';
import { withNames } from './regions.js';
import { freshness, note, part, pill, section } from './ui.js';
import { date, masked } from './format.js';
import { licenceStatus } from './words.js';

export function licences(screen) {
  screen.title(whose() + '证照');
  return part(() => withNames('HomeLicences'), ({ homeLicences: { licences: list, sources }, name }) => [
    note(`一共 ${list.length} 张，由各地发证机关直接给出。${allows('licence') ? '需要时点“亮证”，给对方扫一下。' : ''}`),
    h('div', { class: 'stack' }, list.map((l) => card(l, name, allows('licence') && h('a', { class: 'show', href: '#/licence/' + encodeURIComponent(l.id), 'aria-label': `亮证：${l.typeName}` }, icon('qr'), '亮证')))),
    section('这些信息从哪里来', null, h('div', { class: 'card' }, sources.map((s) => h('div', { class: 'line' }, h('span', {}, s.name), freshness(s))))),
  ], 4);
}

// card is one licence as it lies in the shelf; what can be done with it stands below.
const card = (l, name, act) => h('article', { class: 'licence' + (l.status === 'VALID' ? '' : ' spent') },
  h('header', {}, h('h2', {}, l.typeName), pill(l.status === 'VALID' ? 'good' : 'alert', licenceStatus[l.status])),
  h('p', { class: 'number' }, masked(l.number)),
  h('dl', {},
    h('div', {}, h('dt', {}, '发证机关'), h('dd', {}, l.issuer)),
    h('div', {}, h('dt', {}, '有效期'), h('dd', {}, l.expiresOn ? `至 ${date(l.expiresOn)}` : '长期'))),
  h('footer', {}, h('span', { class: 'grow' }, h('span', {}, name(l.province)), freshness(l, true)), act));

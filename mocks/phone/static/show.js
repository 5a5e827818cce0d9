// Showing a licence: what the other side may see is chosen first, then a code
// to scan; who checked it is told on the spot.

import { h, fill, icon } from './dom.js';
import { acting } from './acting.js';
import { ask } from './api.js';
import { namer } from './regions.js';
import { liveCode, show } from './code.js';
import { note, part, pill, section, toggle } from './ui.js';
import { hour } from './format.js';
import { licenceStatus } from './words.js';

// offered is what is on from the start: what says that a licence is worth
// something, and nothing of its holder. Everything else is the holder's to add.
const offered = new Set(['TYPE', 'ISSUER', 'EXPIRES_ON']);

export function showLicence(screen) {
  const { id } = screen.params;
  screen.title('亮证');
  return part(async () => ({ ...(await ask('Licence', { id })), name: await namer() }), ({ licence: { licence: l, choices }, name }) => {
    screen.title(l.typeName);
    const place = h('div', { class: 'showing' });
    const chosen = choices.map((c) => ({ ...c, on: offered.has(c.field) }));
    const choose = () => {
      const go = h('button', { type: 'button', class: 'primary wide', id: 'show-code', disabled: !chosen.some((c) => c.on), onclick: open }, icon('qr'), '出示二维码');
      fill(place, h('p', { class: 'where' }, `${l.issuer} · ${name(l.province)}`, ' ', pill(l.status === 'VALID' ? 'good' : 'alert', licenceStatus[l.status])),
        section('让对方看到什么', null, h('ul', { class: 'uses tight' }, chosen.map((c) => line(c, () => { go.disabled = !chosen.some((one) => one.on); })))),
        h('div', { class: 'actions' }, go), note('证照现在是否有效，对方总会知道。标“敏感”的，对方看之前还会再问您一次。'));
    };
    const open = () => {
      const leave = new AbortController();
      const fields = chosen.filter((c) => c.on);
      const checked = h('div', { 'aria-live': 'polite' });
      const again = h('button', { type: 'button', class: 'quiet wide', onclick: () => { leave.abort(); choose(); place.querySelector('button').focus(); } }, '改一改让对方看到什么');
      fill(place, h('div', { class: 'card code-card' }, h('p', { class: 'lead-in' }, `${l.maskedHolder} · ${l.typeName}`),
        liveCode(AbortSignal.any([screen.signal, leave.signal]), show(id, fields.map((f) => f.field)), acting() ? undefined : lookOut(checked)),
        h('p', { class: 'quiet-word' }, '对方会看到：', fields.map((f) => f.label).join('、'))),
      checked, note('请只给需要核验的人扫。离开这一页，码就停了。'), h('div', { class: 'actions' }, again));
      scrollTo(0, 0);
    };
    choose();
    return place;
  }, 3);
}

const line = (c, changed) => toggle('field-' + c.field, c.on, (on) => { c.on = on; changed(); },
  h('strong', {}, c.label, c.sensitive && h('span', { class: 'pill alert' }, '敏感')));

// lookOut tells who checked since the screen was opened, as the ledger says.
export function lookOut(place) {
  let before = null;
  return async () => {
    const { edges } = (await ask('Ledger', { first: 5 })).ledger;
    const uses = edges.map((e) => e.node).filter((u) => u.receiver.kind === 'VERIFIER');
    const newest = uses[0]?.id ?? '';
    if (before === null) before = newest;
    if (newest === before || !uses.length) return;
    before = newest;
    fill(place, h('a', { class: 'checked', href: '#/ledger' }, icon('check'), h('span', { class: 'grow' },
      h('strong', {}, `${uses[0].receiver.name.split(' · ')[0]}已核验`), h('small', {}, `${uses[0].purpose} · ${hour(uses[0].at)}`)), icon('next')));
  };
}

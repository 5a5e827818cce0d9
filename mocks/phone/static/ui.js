// Pieces that all screens are made of.

import { h, fill, icon } from './dom.js';
import { inWords } from './fault.js';
import { hour } from './format.js';
import { reason } from './words.js';

// slowAfter is how long a part may take before the page says that it waits.
const slowAfter = 2500;

// freshness is the honest badge of a value: never colour alone.
export function freshness({ freshness: kind, asOf, since, reason: code }, brief) {
  const from = since ? `，自 ${hour(since)} 起` : '';
  if (kind === 'LIVE') {
    const badge = h('span', { class: 'badge live', 'data-asof': asOf || '' }, icon('check'), h('span', {}, age(asOf)));
    return badge;
  }
  if (kind === 'CACHED') return h('span', { class: 'badge cached' }, icon('clock'), `缓存于 ${hour(asOf)}`);
  if (kind === 'STALE') {
    return h('span', { class: 'badge stale' }, icon('warn'),
      h('span', {}, brief ? '已过时' : `已过时（${reason(code)}${from}）${asOf ? '，这是 ' + hour(asOf) + ' 的数据' : ''}`));
  }
  return h('span', { class: 'badge none' }, icon('off'), h('span', {}, brief ? '暂不可用' : `暂不可用（${reason(code)}${from}）`));
}

// age says 刚刚 only while it is true.
function age(asOf) {
  return !asOf || Date.now() - new Date(asOf) < 60000 ? '刚刚' : `${hour(asOf)} 取得`;
}
setInterval(() => {
  for (const badge of document.querySelectorAll('.badge.live[data-asof]')) badge.lastChild.textContent = age(badge.dataset.asof);
}, 15000);

export const section = (title, more, ...body) => h('section', {},
  title && h('div', { class: 'head' }, h('h2', {}, title), more), ...body);

export const link = (to, ...what) => h('a', { href: '#' + to, class: 'more' }, ...what, icon('next'));

// row is a line that leads somewhere.
export const row = (to, name, title, hint, extra) => h('a', { class: 'row', href: '#' + to },
  name && h('span', { class: 'spot' }, typeof name === 'string' && name.length > 1 ? icon(name) : name),
  h('span', { class: 'grow' }, h('strong', {}, title), hint && h('small', {}, hint)), extra, icon('next'));

export const pill = (kind, text) => h('span', { class: 'pill ' + kind }, text);

export const note = (...text) => h('p', { class: 'note' }, ...text);

export const button = (kind, label, press) => {
  const b = h('button', { type: 'button', class: kind, onclick: () => busy(b, press) }, label);
  return b;
};

// sure is a control that asks once more before it does what can't be undone.
export function sure({ label, name, warning, yes, no }, work) {
  const foot = h('div', { class: 'actions' });
  const rest = () => fill(foot, h('button', { type: 'button', class: 'quiet', 'aria-label': name, onclick: ask }, label));
  const ask = () => {
    fill(foot, h('p', {}, warning), button('danger', yes, work), h('button', { type: 'button', class: 'quiet', onclick: rest }, no));
    foot.querySelector('button').focus();
  };
  rest();
  return foot;
}

// oneOf is a choice of one among few: each is its value, and what it shows.
export const oneOf = (look, name, legend, choices, on, chosen) => h('fieldset', { class: look }, legend, choices.map(([value, ...face], i) => {
  const box = h('input', { type: 'radio', name, id: `${name}-${i}`, checked: value === on, onchange: () => chosen(value) });
  return [box, h('label', { for: box.id }, face)];
}));

// toggle is a line of a list that is on or off.
export function toggle(id, on, changed, ...face) {
  const box = h('input', { type: 'checkbox', role: 'switch', id, checked: on, onchange: () => changed(box.checked) });
  return h('li', {}, h('label', { for: id }, h('span', { class: 'grow' }, face), box));
}

// busy keeps a control from being pressed twice, and tells what went wrong beside it.
export async function busy(control, work) {
  if (control.getAttribute('aria-busy') === 'true') return;
  control.setAttribute('aria-busy', 'true');
  control.parentElement?.querySelector(':scope > .failed')?.remove();
  try {
    await work();
  } catch (e) {
    control.after(failed(e));
  } finally {
    control.removeAttribute('aria-busy');
  }
}

export const failed = (e, retry) => h('div', { class: 'failed', role: 'alert' },
  h('p', {}, icon('warn'), h('span', {}, inWords(e))), retry && h('button', { type: 'button', class: 'quiet', onclick: retry }, '再试一次'));

// part is a piece of a screen that is filled when its answer comes, and fails alone.
export function part(load, draw, bones = 2) {
  const box = h('div', { class: 'part' });
  const go = async () => {
    const waiting = h('p', { class: 'slow', hidden: true }, '有些慢，还在等对方回应…');
    fill(box, h('div', { class: 'bones', 'aria-hidden': 'true' }, Array.from({ length: bones }, () => h('div', { class: 'bone' }))), waiting);
    box.setAttribute('aria-busy', 'true');
    const slow = setTimeout(() => { waiting.hidden = false; }, slowAfter);
    try {
      const got = await load();
      fill(box, draw(got));
    } catch (e) {
      fill(box, failed(e, go));
    } finally {
      clearTimeout(slow);
      box.removeAttribute('aria-busy');
    }
  };
  go();
  return box;
}

// pages shows a list page by page.
export function pages(load, draw, empty) {
  const list = h('div', { class: 'stack' });
  const foot = h('div', {});
  const next = async (after) => {
    const page = await load(after);
    for (const edge of page.edges) list.append(draw(edge.node));
    fill(foot, page.pageInfo.hasNextPage && button('quiet wide', '更早的', () => next(page.pageInfo.endCursor)));
    if (!list.childElementCount) fill(foot, note(empty));
  };
  return part(async () => { list.replaceChildren(); await next(null); }, () => [list, foot], 3);
}

const told = () => document.getElementById('told');
let hide = 0;
// tell shows a short word at the top, read aloud too.
export function tell(text, to) {
  clearTimeout(hide);
  fill(told(), h('a', { href: '#' + (to || '/inbox'), class: 'toast' }, icon('bell'), h('span', {}, text)));
  hide = setTimeout(untell, 8000);
}

// untell takes the word away.
export const untell = () => told().replaceChildren();

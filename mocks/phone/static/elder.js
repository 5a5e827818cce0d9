// 长辈版: the mode for older persons, kept in this browser. How large things are
// at least is the server's word; the person chooses among three sizes from there
// to the largest that the norm asks for.

import { h, icon } from './dom.js';

const key = 'tongban.elder';
const sizes = [['1', '大'], ['2', '更大'], ['3', '最大']];
const first = '1';
// least is the smallest text by the main one: --tiny in app.css.
const least = .9;

// A page around this one may show it in one mode: ?mode=elderly or ?mode=standard.
const shown = new URLSearchParams(location.search).get('mode');

export const elder = () => {
  const kept = localStorage.getItem(key) || '';
  if (shown === 'standard') return '';
  return shown === 'elderly' ? kept || first : kept;
};

export function dress() {
  const size = elder();
  if (size) document.documentElement.dataset.elder = size;
  else delete document.documentElement.dataset.elder;
}

export function setElder(size) {
  if (size) localStorage.setItem(key, size);
  else localStorage.removeItem(key);
  dress();
  dispatchEvent(new Event('elder'));
}

addEventListener('storage', (e) => {
  if (e.key !== key) return;
  dress();
  dispatchEvent(new Event('elder'));
});

// measure takes the server's numbers for how screens are drawn.
export function measure(d) {
  const root = document.documentElement.style;
  const percent = (dp) => `${(dp * 100) / 16}%`;
  const main = Math.max(d.textDp, 16) / least; // the smallest words keep to the norm, too
  const most = Math.max(d.largestTextDp, main);
  [main, (main + most) / 2, most].forEach((dp, i) => root.setProperty(`--elder-${i + 1}`, percent(dp)));
  root.setProperty('--elder-line', String(Math.max(d.lineSpacing, 1.5)));
  root.setProperty('--elder-tap', `${d.touchDp}px`);
}

// elderButton stands on every screen: one tap there, one tap back.
export const elderButton = () => h('button', {
  type: 'button', class: 'elder-switch', onclick: () => setElder(elder() ? '' : first),
}, icon('elder'), elder() ? '标准版' : '长辈版');

export const sizeChoice = () => h('div', { class: 'sizes', role: 'group', 'aria-label': '字的大小' },
  h('span', {}, '字的大小'),
  sizes.map(([size, name]) => h('button', { type: 'button', 'aria-pressed': String(elder() === size), onclick: () => setElder(size) }, name)));

// 长辈版: larger text and more room, kept in this browser.

import { h, icon } from './dom.js';

const key = 'tongban.elder';
// sizes are the root's size: main text of 20, 24 and 30 px.
const sizes = [['1', '大'], ['2', '更大'], ['3', '最大']];

export const elder = () => localStorage.getItem(key) || '';

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

// elderButton stands on every screen: one tap there, one tap back.
export const elderButton = () => h('button', {
  type: 'button', class: 'elder-switch', onclick: () => setElder(elder() ? '' : '1'),
}, icon('elder'), elder() ? '标准版' : '长辈版');

export const sizeChoice = () => h('div', { class: 'sizes', role: 'group', 'aria-label': '字的大小' },
  h('span', {}, '字的大小'),
  sizes.map(([size, name]) => h('button', { type: 'button', 'aria-pressed': String(elder() === size), onclick: () => setElder(size) }, name)));

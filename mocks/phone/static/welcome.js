// The screen of who is not signed in.

import { h, fill, icon } from './dom.js';
import { askOpenly } from './api.js';
import { begin } from './auth.js';
import { busy, oneOf } from './ui.js';
import { elderButton } from './elder.js';

export function welcome(app, offline, why) {
  document.title = '登录 · 通办';
  let source = '';
  const enter = h('button', { type: 'button', class: 'primary wide', id: 'sign-in' }, '登录');
  enter.addEventListener('click', () => busy(enter, () => begin(source)));
  const choice = h('div', {});
  sources().then((kinds) => fill(choice, kinds.length > 1 && chooser(kinds, (name) => { source = name; }))).catch(() => {}); // the default is there in any case
  fill(app, h('div', { class: 'shell welcome', 'data-screen': 'welcome' },
    h('header', { class: 'bar' }, h('span', { class: 'brand' }), elderButton()), offline,
    h('main', { id: 'main', tabindex: '-1' },
      h('img', { class: 'mark', src: 'mark.svg', alt: '' }), h('h1', {}, '通办'), h('p', { class: 'tagline' }, '一次登录，全国通办'),
      h('ul', { class: 'promises' },
        h('li', {}, icon('check'), '各地的信息，汇在一处'), h('li', {}, icon('check'), '别的省的事，在这里办'), h('li', {}, icon('check'), '谁用了您的数据，看得见')),
      why && h('p', { class: 'why', role: 'status' }, why), choice, h('div', {}, enter),
      h('p', { class: 'example' }, '演示系统：人物与数据均为虚构（示例）'))));
}

// sources gives the first source of each kind: persons before enterprises, the
// default before others.
async function sources() {
  const { identitySources: list } = await askOpenly('IdentitySources');
  const of = (kind) => list.filter((s) => s.kind === kind).sort((a, b) => b.default - a.default)[0];
  return [['个人', of('PERSON')], ['企业', of('ENTERPRISE')]].filter(([, s]) => s).map(([words, s]) => ({ words, name: s.default ? '' : s.name }));
}

const chooser = (kinds, chosen) => oneOf('who', 'who', h('legend', { class: 'away' }, '以谁的身份登录'),
  kinds.map(({ words, name }) => [name, words]), kinds[0].name, chosen);

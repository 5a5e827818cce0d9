// Search: matters, mini-apps, and the mode for older persons by all its names.

import { h, icon } from './dom.js';
import { allows } from './acting.js';
import { ask } from './api.js';
import { inWords } from './fault.js';
import { note, row } from './ui.js';
import { elderNames } from './words.js';
import { setElder } from './elder.js';

export function search(screen) {
  screen.title('搜一搜');
  const results = h('div', { class: 'stack', 'aria-live': 'polite' });
  let turn = 0;
  const look = async (text) => {
    const mine = ++turn;
    const draw = [];
    if (elderNames.some((n) => text && (n.includes(text) || text.includes(n)))) {
      draw.push(h('button', { type: 'button', class: 'row', onclick: () => { setElder('1'); screen.go('/home'); } },
        h('span', { class: 'spot' }, icon('elder')), h('span', { class: 'grow' }, h('strong', {}, '长辈版'), h('small', {}, '字更大，按钮更大')), icon('next')));
    }
    if (!text) return results.replaceChildren();
    try {
      const [{ items }, { miniApps }] = await Promise.all([ask('Items', { filter: { text: text.slice(0, 50) }, first: 20 }), ask('MiniApps', { first: 50 })]);
      for (const { node } of items.edges) {
        if (node.hasGuide && allows('matter', node.id)) draw.push(row('/matter/' + encodeURIComponent(node.id), 'matter', node.name, '可在线办理'));
      }
      for (const { node } of miniApps.edges) {
        if (node.opens && allows('app', node.id) && (node.name + node.operator.name).includes(text)) draw.push(row('/app/' + encodeURIComponent(node.id), 'apps', node.name, node.operator.name));
      }
      if (!draw.length) draw.push(note('没有找到。换一个说法试试，比如“社保”“就医”“江苏”。'));
    } catch (e) {
      draw.push(note(inWords(e)));
    }
    if (mine === turn) results.replaceChildren(...draw);
  };
  let wait = 0;
  const box = h('input', {
    type: 'search', id: 'search', maxlength: 50, autocomplete: 'off', placeholder: '事项、地方，或“长辈版”',
    oninput: () => { clearTimeout(wait); wait = setTimeout(() => look(box.value.trim()), 250); },
  });
  return [h('label', { for: 'search', class: 'away' }, '想办什么事'), box, results];
}

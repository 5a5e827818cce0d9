// Who may act for an older person, in the words that the elderly front made to
// be read and heard.

import { h, fill } from './dom.js';
import { askAt } from './api.js';
import { readButton } from './aloud.js';
import { note, part, row, section, sure } from './ui.js';

export function helpers(screen) {
  const heard = { text: '' };
  const none = '现在没有人替您办事。';
  const box = h('div', { class: 'stack' });
  const draw = (list) => {
    heard.text = list.map((one) => one.readAloud + one.endAloud).join('') || none;
    return fill(box, list.length ? list.map(helper) : note(none));
  };
  const helper = (one) => h('article', { class: 'card use' }, h('h2', {}, one.title), one.lines.map((l) => h('p', {}, l)),
    sure({ label: one.end, warning: '以后就不能再替您办事了。', yes: '不用了', no: '还是留着' },
      async () => draw((await askAt('elderly', 'EasyEndHelper', { input: { helper: one.id } })).easyEndHelper.helpers)),
    row('/mandate/' + encodeURIComponent(one.id), 'eye', '看看办过什么'));
  screen.foot(readButton(screen.signal, () => heard.text));
  return section('谁能替我办事', null, part(async () => (await askAt('elderly', 'EasyHelpers')).easyHelpers, draw, 1));
}

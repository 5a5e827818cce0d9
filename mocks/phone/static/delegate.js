// Acting for another: taking a code, and being them for a while.

import { h, icon } from './dom.js';
import { acting, allows, exchanged, startActing, stopActing } from './acting.js';
import { ask, askBy } from './api.js';
import { Fault } from './fault.js';
import { withNames } from './regions.js';
import { every } from './seen.js';
import { busy, button, note, part, section } from './ui.js';
import { common, homeCases, homeLicences, reminders, shortcuts, tiles } from './home.js';
import { mandateScope, over } from './words.js';

// How often a mandate is looked at while somebody acts by it, in ms: its end is
// told on the screen, not by the next thing that fails.
const lookAfter = 10000;
const codeDigits = 12;

// take is where a delegate says the code that the principal told them.
export function take(screen) {
  screen.title('替别人办');
  const code = h('input', { id: 'mandate-code', type: 'text', inputmode: 'numeric', autocomplete: 'off', maxlength: 20, class: 'figures', 'aria-describedby': 'mandate-code-hint' });
  const send = h('button', { type: 'submit', class: 'primary wide' }, '接受授权');
  const accept = async () => {
    const said = code.value.replace(/\D/g, '');
    if (said.length !== codeDigits) throw new Fault(`授权码是 ${codeDigits} 位数字，请再核对一遍。`);
    const { acceptMandate } = await ask('AcceptMandate', { input: { code: said } });
    location.replace('#/mandate/' + encodeURIComponent(acceptMandate.mandate.id));
  };
  return h('form', { class: 'form', novalidate: true, onsubmit: (e) => { e.preventDefault(); busy(send, accept); } },
    h('div', { class: 'field' }, h('label', { for: code.id }, '授权码'), code, h('small', { id: 'mandate-code-hint' }, `${codeDigits} 位数字，由要您代办的人告诉您，10 分钟内有效。`)),
    h('div', { class: 'actions' }, send),
    note('接受以后，对方还要在自己的手机上确认，确认以后您才能办。您替对方办的每一件事，对方都看得到。'));
}

// actBy has the person act by a mandate.
export async function actBy(mandate) {
  const held = await exchanged(mandate);
  startActing(held, (await askBy(held.access, 'ActingFor')).me);
}

// actingBar says on every screen for whom the person acts; null where for nobody.
export function actingBar(signal) {
  const who = acting();
  if (!who) return null;
  every(signal, lookAfter, async () => {
    const { mandate } = await ask('Mandate', { id: who.mandate });
    if (acting() === who && over.has(mandate.state)) stopActing(`替${who.name}办事的授权已经结束，您不能再代为办理。已回到您自己的账户。`);
  });
  return h('div', { class: 'acting', role: 'region', 'aria-label': '正在代办' }, icon('pair'), h('p', {}, '正在替 ', h('strong', {}, who.name), ' 办理'),
    h('button', { type: 'button', id: 'leave-acting', onclick: () => stopActing(`已退出代办${who.name}，回到您自己的账户。`) }, '退出'));
}

// actingHome is the home of whom the person acts for, as far as it is open.
export function actingHome(screen) {
  const { name } = acting();
  screen.title('首页');
  const open = { '/matters': 'matter', '/licences': 'space', '/apps': 'app' };
  return [
    h('p', { class: 'hello' }, `${name}的首页`), shortcuts(common.filter(([to]) => allows(open[to]))),
    allows('space') ? part(() => withNames('ActingHome'), (got) => [
      h('div', { class: 'stack' }, reminders(got)), section('正在办的事', null, homeCases(got)), section('证照', null, homeLicences(got)), section('各地的信息', null, tiles(got)),
    ], 6) : note(`这份授权只包括：${Object.keys(mandateScope).filter((kind) => allows(kind)).map((kind) => mandateScope[kind][0]).join('、')}。看不到对方的信息。`),
  ];
}

// closed is a screen that is not open to who acts.
export function closed(screen) {
  const { name } = acting();
  screen.title('现在不能看');
  return [note(`您正在替${name}办理。这一页不在授权范围内，或者是您自己的页面。`),
    h('div', { class: 'actions' }, button('quiet wide', '退出代办，回到自己的账户', () => stopActing(`已退出代办${name}，回到您自己的账户。`)))];
}

// 长辈版 as the elderly front tells it: a home of at most six things, then one
// thing at a time. The server says what each button does; this draws and speaks.

import { h, fill, icon } from './dom.js';
import { askAt } from './api.js';
import { account } from './regions.js';
import { busy, part } from './ui.js';
import { readButton } from './aloud.js';
import { liveCode } from './code.js';
import { measure, sizeChoice } from './elder.js';
import { leaveToPay } from './pay.js';
import { pause, whileSeen } from './seen.js';

const pictures = { PAYMENT: 'pay', QUALIFICATION: 'face', MEDICAL: 'heart', APPOINTMENT: 'clock', LICENCES: 'card', HELP: 'help', FILING: 'heart' };

// easyHome is what an older person meets first.
export function easyHome(screen) {
  screen.title('首页');
  const hello = h('p', { class: 'hello' });
  const heard = { text: '' };
  screen.foot(readButton(screen.signal, () => heard.text));
  return [hello, part(async () => (await askAt('elderly', 'EasyHome')).easyHome, (home) => {
    measure(home.display);
    fill(hello, home.greeting);
    account().then((me) => fill(hello, `${home.greeting}，${me.name}`)).catch(() => {});
    heard.text = [home.readAloud, ...home.entries.map((e) => e.readAloud)].join('');
    return h('ul', { class: 'entries' }, home.entries.map((e) => h('li', {}, entry(screen, e))));
  }, 6),
  sizeChoice(),
  h('a', { class: 'row alone', href: '#/me' }, h('span', { class: 'grow' }, h('strong', {}, '我的账户'), h('small', {}, '消息、数据足迹、退出')), icon('next')),
  h('p', { class: 'example' }, '演示系统：人物、数据、金额均为虚构（示例）')];
}

const entry = (screen, e) => {
  const b = h('button', { type: 'button', class: 'entry', 'data-kind': e.kind, 'data-freshness': e.freshness, onclick: () => busy(b, () => act(screen, e.tap)) },
    h('span', { class: 'spot' }, icon(pictures[e.kind] || 'matter')),
    h('span', { class: 'grow' }, h('strong', {}, e.title), h('span', { class: 'status' }, e.status), e.freshnessWords && h('small', {}, e.freshnessWords)));
  return b;
};

let turns = 0;

// go leads to a screen. What was said stays out of the address: it is kept with
// the browser's own history.
function go(easy, replace) {
  const state = { easy, turn: `${Date.now()}-${++turns}` };
  history[replace ? 'replaceState' : 'pushState'](state, '', '#/easy');
  dispatchEvent(new Event('turn'));
}

const clean = (said) => said.map(({ name, value }) => ({ name, value }));

async function act(screen, b) {
  switch (b.act) {
    case 'STEP': return go({ matter: b.matter, said: clean(b.said) });
    case 'DO': return does(screen, b);
    case 'HOME': return screen.go('/home');
    case 'OPEN': return leaveToPay(b.url, history.state);
    default:
  }
}

// keys are the idempotency keys of what was agreed to, by the screen's version:
// the same agreement, sent again, is done once.
const keys = new Map();
function keyOf(b) {
  const what = b.matter + b.version + JSON.stringify(b.said);
  if (!keys.has(what)) keys.set(what, 'easy-' + crypto.randomUUID());
  return keys.get(what);
}

const done = async (b, key) => (await askAt('elderly', 'EasyDo', { input: { matter: b.matter, said: clean(b.said), version: b.version || null, idempotencyKey: key } })).easyDo.screen;

async function does(screen, b) {
  const next = await done(b, keyOf(b));
  const state = { matter: next.matter, said: [{ name: 'case', value: next.case }] };
  if (next.kind === 'PAY') {
    history.replaceState({ easy: state, turn: `pay-${++turns}` }, '', '#/easy');
    return leaveToPay(next.buttons[0].url, history.state);
  }
  if (next.kind === 'RECEIPT') {
    keys.clear(); // what comes after is another thing
    return go(state, true);
  }
  if (next.kind === 'SHOW') return go({ show: { matter: b.matter, said: clean(b.said), version: b.version || '' } });
  screen.draw(next); // it says something else by now: to be read again
}

// easyScreen is one thing told or asked.
export function easyScreen(screen) {
  const { easy } = history.state || {};
  screen.title('长辈版');
  if (!easy) {
    screen.go('/home');
    return null;
  }
  const heard = { text: '' };
  screen.foot(readButton(screen.signal, () => heard.text));
  const place = h('div', { class: 'easy' });
  screen.draw = (s) => {
    measure(s.display);
    screen.title(s.title);
    heard.text = [s.readAloud, ...s.buttons.map((b) => b.readAloud)].join('');
    fill(place, draw(screen, s, easy));
    place.querySelector('.easy-title').focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  const load = easy.show ? () => done(easy.show, 'show-' + crypto.randomUUID()) : async () => (await askAt('elderly', 'EasyStep', easy)).easyStep;
  const first = part(load, (s) => { queueMicrotask(() => screen.draw(s)); follow(screen, s, easy); return null; }, 3);
  return [place, first];
}

// follow asks again for as long as more may come.
function follow(screen, s, easy) {
  if (!s.askAgainSeconds || easy.show) return;
  whileSeen(screen.signal, async (seen) => {
    for (let now = s; now.askAgainSeconds && !seen.aborted;) {
      await pause(now.askAgainSeconds * 1000, seen);
      if (seen.aborted) return;
      const next = await askAt('elderly', 'EasyStep', easy).then((got) => got.easyStep).catch(() => null);
      if (!next || seen.aborted) continue;
      if (next.title !== now.title || next.lines.join() !== now.lines.join() || next.number !== now.number) screen.draw(next);
      now = next;
    }
  });
}

function draw(screen, s, easy) {
  const at = s.plan.filter((p) => p.state !== 'FOUND');
  const now = at.findIndex((p) => p.state === 'NOW');
  const found = s.plan.filter((p) => p.state === 'FOUND').map((p) => p.title);
  const ways = s.buttons.filter((b) => b.act !== 'HOME' && b.act !== 'CALL');
  const others = s.buttons.filter((b) => b.act === 'HOME' || b.act === 'CALL');
  return [
    s.kind === 'RECEIPT' && h('span', { class: 'seal' + (s.askAgainSeconds ? '' : ' over') }, icon('hand')),
    now > 0 && at.length > 1 && h('p', { class: 'turn' }, `第 ${now + 1} 步，共 ${at.length} 步`),
    h('h2', { class: 'easy-title', tabindex: '-1', 'data-kind': s.kind }, s.title),
    s.kind === 'SHOW' && h('div', { class: 'card code-card' }, h('p', { class: 'lead-in' }, s.lines[0]), liveCode(screen.signal, renewed(s, easy))),
    s.lines.slice(s.kind === 'SHOW' ? 1 : 0).map((l) => h('p', { class: 'easy-line' }, l)),
    s.number && h('p', { class: 'easy-line' }, '办理号：', h('span', { class: 'code' }, s.number)),
    s.kind === 'CONFIRM' && found.length > 0 && h('p', { class: 'easy-found' }, icon('check'), h('span', {}, `不用您填：${found.join('、')}`)),
    h('div', { class: 'ways' }, ways.map((b, i) => way(screen, b, s.kind !== 'CHOOSE' && i === 0 ? 'primary' : 'choice'))),
    h('div', { class: 'ways rest' }, others.map((b) => way(screen, b, 'quiet'))),
  ];
}

function way(screen, b, look) {
  const face = [h('span', { class: 'grow' }, h('strong', {}, b.title), b.note && h('small', {}, b.note)), b.act === 'CALL' ? icon('call') : look === 'choice' && icon('next')];
  if (b.act === 'CALL') return h('a', { class: look + ' way', href: 'tel:' + b.phone.replace(/[^\d+]/g, '') }, face);
  const control = h('button', { type: 'button', class: look + ' way', 'data-act': b.act, onclick: () => busy(control, () => act(screen, b)) }, face);
  return control;
}

// renewed gives the first code as it came, then new ones.
function renewed(s, easy) {
  let first = s.code;
  return async () => {
    const code = first || (await done(easy.show, 'show-' + crypto.randomUUID())).code;
    first = null;
    return code;
  };
}


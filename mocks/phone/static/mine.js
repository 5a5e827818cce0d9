// What is the person's own: notices, who used their data, consents, sign-ins.

import { h, fill, icon } from './dom.js';
import { ask } from './api.js';
import { revoke, thisSession } from './auth.js';
import { forgetAccount, namer } from './regions.js';
import { button, note, pages, part, pill, row, sure } from './ui.js';
import { elder } from './elder.js';
import { moment } from './format.js';
import { actingRole, basis, fieldName, level, receiver } from './words.js';

// aboutOf gives the screen of what a notice is about; '' where it has none.
export const aboutOf = (n) => (n.case ? '/case/' + n.case : n.mandate ? '/mandate/' + n.mandate : '');

export function inbox(screen) {
  screen.title('消息');
  const box = h('div', { class: 'stack' });
  const state = { newest: '' };
  const read = async (n) => {
    if (!n.readAt) await ask('MarkNoticeRead', { input: { notice: n.id } });
    const to = aboutOf(n);
    if (to) screen.go(to);
    else await draw(); // a mini-app's message may be about no case
  };
  const draw = async () => {
    const { inbox: got } = await ask('Inbox', { first: 50 });
    const now = got.edges.map((e) => e.node.id + (e.node.readAt || '')).join();
    if (now === state.newest && now) return;
    state.newest = now;
    fill(box, got.edges.map(({ node: n }) => button('notice' + (n.readAt ? '' : ' new'), [
      h('span', { class: 'grow' }, h('strong', {}, n.title, !n.readAt && pill('calm', '未读')), h('span', {}, n.body), h('small', {}, moment(n.createdAt)))], () => read(n))),
    !got.edges.length && note('还没有消息。办事有进展时，会在这里告诉您。'));
  };
  addEventListener('inbox', () => draw().catch(() => {}), { signal: screen.signal });
  return [box, part(draw, () => null, 4)];
}

export function ledger(screen) {
  screen.title('谁用了我的数据');
  return [
    note('别人每用一次您的信息，这里就记一笔，不能删改。您自己查看不算。这里只记用了哪几项，不记内容。'),
    pages(async (after) => (await ask('Ledger', { first: 20, after })).ledger, use, '还没有人用过您的信息。'),
  ];
}

// use is one use of a person's data, as the ledger has it.
export const use = (e) => h('article', { class: 'card use' },
  h('header', {}, who(e.receiver.kind === 'DELEGATE' && e.actedBy ? e.actedBy : e.receiver.name), pill('calm', receiver[e.receiver.kind] || '其他')),
  h('p', {}, e.purpose), e.actedBy && e.receiver.kind !== 'DELEGATE' && h('p', { class: 'quiet-word' }, `由 ${e.actedBy} 代办`),
  h('ul', { class: 'chips', 'aria-label': '用到的信息' }, [...new Set(e.fields.map(fieldName))].map((f) => h('li', {}, f))),
  h('footer', {}, h('span', {}, `依据：${basis(e.basis)}`), h('span', {}, moment(e.at)),
    e.case && h('a', { href: '#/case/' + encodeURIComponent(e.case), class: 'more' }, '看这件事', icon('next'))));

// who is a receiver's name, and below it where, for one that says so.
function who(name) {
  const [first, ...where] = name.split(' · ');
  return h('h2', {}, first, where.length > 0 && h('small', { class: 'where-at' }, where.join(' ')));
}

export function consents(screen) {
  screen.title('授权管理');
  return [note('您同意过哪些应用知道什么。随时可以撤回，几秒内生效。'),
    pages(async (after) => (await ask('MyConsents', { first: 20, after })).consents, (c) => consent(screen, c), '还没有授权过任何应用。')];
}

function consent(screen, c) {
  const withdraw = async () => {
    await ask('WithdrawConsent', { input: { consent: c.id } });
    screen.refresh();
  };
  const ended = { WITHDRAWN: () => `已于 ${moment(c.withdrawnAt)} 撤回`, LAPSED: () => `已于 ${moment(c.lapsesAt)} 失效，再次使用时会重新征求` }[c.state];
  const foot = ended ? h('div', { class: 'actions' }, h('p', { class: 'quiet-word' }, ended()))
    : sure({ label: '撤回同意', name: `撤回同意：${c.appName}`, warning: '撤回后，它不能再取得这些信息。', yes: '确认撤回', no: '先不撤回' }, withdraw);
  return h('article', { class: 'card use' }, h('header', {}, h('h2', {}, c.appName), pill(ended ? 'none' : 'good', { WITHDRAWN: '已撤回', LAPSED: '已失效' }[c.state] || '有效')),
    h('ul', { class: 'chips' }, c.given.map((u) => h('li', {}, u.what))), h('p', { class: 'quiet-word' }, `同意于 ${moment(c.givenAt)}`),
    h('details', {}, h('summary', {}, '当时同意的内容'), c.text.split('\n').map((l) => h('p', { class: 'fine' }, l))), foot);
}

export function sessions(screen) {
  screen.title('登录设备');
  const end = async (id) => {
    await ask('EndSession', { input: { session: id } });
    screen.refresh();
  };
  const call = async (id, name) => {
    await ask('NameDevice', { input: { session: id, name } });
    screen.refresh();
  };
  return [note('不认识的设备，请让它退出。'),
    part(() => ask('Me'), ({ sessions: list }) => h('div', { class: 'stack' }, list.map((s) => h('article', { class: 'card use' },
      h('header', {}, h('h2', {}, s.device || '手机应用'), s.id === thisSession() && pill('good', '本机')),
      h('p', { class: 'quiet-word' }, `登录于 ${moment(s.createdAt)}，最近使用 ${moment(s.lastUsedAt)}`),
      deviceName(s, call),
      s.id !== thisSession() && h('div', { class: 'actions' }, button('quiet', '让它退出', () => end(s.id)))))))];
}

// deviceName lets the person call a device what they know it by.
function deviceName(s, call) {
  const box = h('input', { id: 'f-name-' + s.id, maxlength: 60, value: s.device, autocomplete: 'off' });
  return h('details', {}, h('summary', {}, '改个好认的名字'), h('div', { class: 'stack' },
    h('div', { class: 'field' }, h('label', { for: box.id }, '设备名称'), box),
    h('div', { class: 'actions' }, button('quiet', '保存', () => call(s.id, box.value)))));
}

export function me(screen) {
  screen.title('我的');
  const leave = async () => {
    try {
      await ask('SignOut', { input: {} });
    } finally {
      await revoke();
      forgetAccount();
      dispatchEvent(new Event('signed-out'));
    }
  };
  return [
    part(async () => ({ who: (await ask('Me')).me, name: await namer() }), ({ who, name }) => h('div', { class: 'card person' },
      h('span', { class: 'face', 'aria-hidden': 'true' }, who.name.slice(0, 1)),
      h('div', {}, h('p', { class: 'big' }, who.name), who.idNumber && h('p', { class: 'quiet-word' }, `身份证 ${who.idNumber.replace(/\*+/, ' •••• ')}`),
        who.enterprise && h('p', { class: 'quiet-word' }, '信用代码 ', h('span', { class: 'code' }, who.enterprise.creditCode)), who.actor && h('p', { class: 'quiet-word' }, `${actingRole[who.actor.role] || '代表'} ${who.actor.name}`),
        who.phone && h('p', { class: 'quiet-word' }, `手机 ${who.phone.replace(/\*+/, ' •••• ')}`)),
      h('p', { class: 'wide-line' }, `实名等级 ${who.level}：${level(who.level)}`),
      h('p', { class: 'wide-line' }, `有记录的地方：${who.places.length > 8 ? `${who.places.length} 个` : who.places.map(name).join('、')}`)), 2),
    h('div', { class: 'card list' },
      elder() && row('/inbox', 'inbox', '消息'), row('/licences', 'card', '我的证照'), row('/cases', 'hand', '我的办件'), row('/ledger', 'eye', '谁用了我的数据'),
      row('/mandates', 'pair', '授权代办', '请人替我办，或替别人办'), row('/consents', 'key', '授权管理'), row('/sessions', 'device', '登录设备')),
    h('div', { class: 'actions' }, button('quiet wide', [icon('out'), '退出登录'], leave)),
  ];
}

// Mandates (授权代办): who may act for the person, and for whom they may.

import { h, fill, icon } from './dom.js';
import { all, ask } from './api.js';
import { actBy } from './delegate.js';
import { elder } from './elder.js';
import { helpers } from './helpers.js';
import { every } from './seen.js';
import { use } from './mine.js';
import { button, note, pages, part, pill, row, section, sure } from './ui.js';
import { moment } from './format.js';
import { mandateKind, mandateScope, mandateState, over } from './words.js';

// How often a mandate is looked at that may change, in ms.
const lookAfter = 4000;

const statePill = (m) => pill(m.state === 'STANDING' ? 'good' : m.state === 'ACCEPTED' && m.side === 'PRINCIPAL' ? 'alert' : over.has(m.state) ? 'none' : 'calm', mandateState(m));
const otherOf = (m) => m.other || '还没有人接受';
const line = (m) => row('/mandate/' + encodeURIComponent(m.id), 'pair', otherOf(m), `${mandateKind[m.kind]} · 到 ${moment(m.until)}`, statePill(m));

export function mandates(screen) {
  screen.title('授权代办');
  return [
    note('请家人或代办员替您办事，或者替别人办事。办了什么双方都看得到，随时可以结束，马上生效。'),
    elder() && helpers(screen),
    h('div', { class: 'card list' }, row('/mandate-offer', 'pair', '请人替我办', '给对方一个授权码'), row('/mandate-take', 'pen', '替别人办', '输入对方给您的授权码')),
    elder() ? side('PRINCIPAL', '我发出的其他授权', '没有别的了。', (list) => list.filter((m) => m.state !== 'STANDING'))
      : side('PRINCIPAL', '谁能替我办事', '还没有授权给别人。'),
    side('DELEGATE', '我能替谁办事', '还没有人授权给您。'),
  ];
}

// side lists the mandates of one side: what is open first, what is over folded.
const side = (which, title, empty, of = (list) => list) => section(title, null, part(async () => of(await all('Mandates', 'mandates', { side: which })), (list) => {
  const past = list.filter((m) => over.has(m.state));
  const open = list.filter((m) => !over.has(m.state));
  return [
    open.length ? h('div', { class: 'card list' }, open.map(line)) : note(empty),
    past.length > 0 && h('details', {}, h('summary', { class: 'more' }, `以前的 ${past.length} 份`, icon('next')), h('div', { class: 'card list' }, past.map(line))),
  ];
}, 1));

// mandate is one of them, for either side, and what may be done with it now.
export function mandate(screen) {
  const { id } = screen.params;
  screen.title('授权详情');
  const load = async () => (await ask('Mandate', { id })).mandate;
  return part(async () => { const m = await load(); return { m, words: await inWords(m.scopes) }; }, ({ m, words }) => {
    const head = h('div', { class: 'case', 'aria-live': 'polite' });
    const acts = h('div', { class: 'case' });
    const done = new AbortController();
    let shown = '';
    const draw = (now) => {
      if (over.has(now.state)) done.abort();
      if (shown === now.state + now.other) return;
      shown = now.state + now.other;
      fill(head, facts(now, words), next(now), !over.has(now.state) && ending(now, draw));
      fill(acts, now.confirmedAt && section('按这份授权办过的事', null,
        pages(async (after) => (await ask('MandateActs', { id, first: 20, after })).mandateActs, (e) => use(now.side === 'PRINCIPAL' ? e : { ...e, case: null }), '还没有办过事。')));
    };
    const next = (now) => steps(now, draw);
    draw(m);
    every(AbortSignal.any([screen.signal, done.signal]), lookAfter, async () => draw(await load()));
    return h('div', { class: 'case' }, head, acts);
  }, 3);
}

const said = (term, ...what) => what.some(Boolean) && h('div', {}, h('dt', {}, term), h('dd', {}, what));

const facts = (m, words) => h('div', { class: 'card use' },
  h('header', {}, h('h2', {}, m.side === 'PRINCIPAL' ? `${otherOf(m)}替我办` : `我替${m.other}办`), statePill(m)),
  h('ul', { class: 'chips', 'aria-label': '可以做什么' }, words.map((w) => h('li', {}, w))),
  h('dl', { class: 'plain-list' }, said('关系', mandateKind[m.kind]), said('最长到', moment(m.until)), said('生效', m.confirmedAt && moment(m.confirmedAt)),
    said('结束', m.endedAt && moment(m.endedAt), m.endedBy && (m.endedBy === m.side ? '，由您结束' : '，由对方结束'))));

// steps says what comes next for who looks.
function steps(m, draw) {
  const mine = m.side === 'PRINCIPAL';
  if (m.state === 'OFFERED') return note('还没有人接受。授权码只显示一次，没记下的话，请重新发起，原来的码随之作废。');
  if (m.state === 'STANDING') return !mine && h('div', { class: 'actions' }, button('primary wide', `替${m.other}办事`, () => actBy(m.id)));
  if (m.state !== 'ACCEPTED') return null;
  if (!mine) return note(`您已接受。请${m.other}在自己的手机上确认，一天之内有效。确认后，这一页会自动变化，不用重新打开。`);
  const confirm = async () => draw((await ask('ConfirmMandate', { input: { mandate: m.id } })).confirmMandate.mandate);
  return h('div', { class: 'card' }, h('p', { class: 'big' }, `是您要托付的“${m.other}”吗？`), m.burden?.others > 0 && burden(m.burden),
    h('p', {}, '请当面或打电话问一问，是不是本人接受的。您确认以后，授权才生效。'), h('div', { class: 'actions' }, button('primary wide', '是，确认生效', confirm)));
}

const burden = (b) => h('p', { class: b.many ? 'careful' : 'quiet-word' },
  `对方还替 ${b.others} 个人办事${b.elders ? `，其中 ${b.elders} 位满 60 岁` : ''}。${b.many ? '替这么多老人办事的人不多见，请多留意。' : ''}`);

function ending(m, draw) {
  const mine = m.side === 'PRINCIPAL';
  return sure({ label: !mine ? '不再替对方办' : m.state === 'ACCEPTED' ? '不是，取消授权' : '结束授权', warning: mine ? '结束后，对方马上不能再替您办事。' : '结束后，您马上不能再替对方办事。', yes: '确认结束', no: '先不结束' },
    async () => draw((await ask('EndMandate', { input: { mandate: m.id } })).endMandate.mandate));
}

// inWords gives what scopes allow, by the names of what they name.
async function inWords(scopes) {
  const names = {};
  const named = (kind) => scopes.some((s) => s.startsWith(kind + ':') && s !== kind + ':*');
  for (const [kind, operation, field] of [['matter', 'Items', 'items'], ['app', 'MiniApps', 'miniApps']]) {
    if (named(kind)) for (const one of await all(operation, field)) names[`${kind}:${one.id}`] = one.name;
  }
  return Object.entries(mandateScope).flatMap(([kind, [word, whole]]) => scopes.filter((s) => s.split(':')[0] === kind)
    .map((s) => `${word}：${s === kind || s === kind + ':*' ? whole : names[s] || '其中一项'}`));
}

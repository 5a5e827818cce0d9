// Offering a mandate: what the other may do and until when, then a code for them.

import { h, fill, icon } from './dom.js';
import { all, ask } from './api.js';
import { canRead, readButton } from './aloud.js';
import { Fault } from './fault.js';
import { account } from './regions.js';
import { every } from './seen.js';
import { button, note, oneOf, part, section, toggle } from './ui.js';
import { date, grouped, isoDay } from './format.js';
import { mandateKind, mandateScope, over } from './words.js';

const lookAfter = 3000; // ms
const mostScopes = 30;
const periods = [[30, '一个月'], [91, '三个月'], [182, '半年'], [364, '一年']]; // days, the last to its end; a year from now is the most
const usual = 91;

const about = { FAMILY: '子女、配偶、亲属', VILLAGE_AGENT: '村里或社区帮忙办事的人', GUARDIAN: '本人未满 18 岁，由父母或监护人办', ENTERPRISE: '企业的其他经办人' };

export function offer(screen) {
  screen.title('请人替我办');
  return part(account, (me) => {
    const place = h('div', { class: 'case' });
    fill(place, form(me, async (input) => {
      const got = await ask('OfferMandate', { input });
      fill(place, code(screen, got.offerMandate));
      scrollTo(0, 0);
      place.querySelector('.lead-in').focus({ preventScroll: true });
    }));
    return place;
  }, 4);
}

function form(me, send) {
  const kinds = me.kind === 'ENTERPRISE' ? ['ENTERPRISE'] : ['FAMILY', 'VILLAGE_AGENT', 'GUARDIAN'];
  const terms = { kind: kinds[0], days: usual };
  const scopes = new Set();
  const until = h('p', { class: 'quiet-word', role: 'status' });
  const last = () => isoDay(terms.days);
  const dated = () => fill(until, `最长到 ${date(last())} 为止。随时可以提前结束。`);
  dated();
  const go = button('primary wide', '生成授权码', async () => {
    const wanted = [...scopes].filter((s) => s.endsWith(':*') || !scopes.has(s.split(':')[0] + ':*'));
    if (!wanted.length) throw new Fault('请先选择可以替您做什么，至少选一样。');
    if (wanted.length > mostScopes) throw new Fault(`最多选 ${mostScopes} 样。要办的事多，可以直接选“办事”。`);
    await send({ kind: terms.kind, scopes: wanted, until: `${last()}T23:59:59+08:00` });
  });
  return [
    oneOf('pick', 'kind', h('legend', {}, '对方是您的什么人'), kinds.map((k) => [k, h('strong', {}, mandateKind[k]), h('small', {}, about[k])]), terms.kind, (k) => { terms.kind = k; }),
    section('可以替您做什么', null, allowing(scopes)),
    h('div', {}, oneOf('pick brief', 'until', h('legend', {}, '多长时间'), periods.map(([days, words]) => [days, words]), terms.days, (days) => { terms.days = days; dated(); }), until),
    h('div', { class: 'actions' }, go), note('密码、手机号、收款账户、登录设备，谁也不能替您改。'),
  ];
}

// allowing is what the other may do: all of a kind, or some that are named.
function allowing(scopes) {
  const set = (scope, on) => scopes[on ? 'add' : 'delete'](scope);
  const list = h('ul', { class: 'uses' });
  const turn = (kind, on) => {
    const box = list.querySelector('#scope-' + kind);
    if (box.checked !== on) box.click();
  };
  const whole = { space: 'space', licence: 'licence', matter: 'matter:*', app: 'app:*' };
  fill(list, Object.entries(whole).map(([kind, scope]) => toggle('scope-' + kind, false, (on) => {
    set(scope, on);
    // A licence is found among what there is to see, and shown from there.
    if (kind === 'licence' && on) turn('space', true);
    if (kind === 'space' && !on) turn('licence', false);
  }, h('strong', {}, mandateScope[kind][0]), h('small', {}, mandateScope[kind][1]))));
  const some = (kind, words, operation, field, fits) => {
    const place = h('div', {});
    const box = h('details', { class: 'fewer', ontoggle: () => {
      if (place.firstChild) return;
      fill(place, part(() => all(operation, field), (got) => h('ul', { class: 'uses' },
        got.filter(fits).map((one) => toggle(`scope-${kind}-${one.id}`, false, (on) => set(`${kind}:${one.id}`, on), h('strong', {}, one.name))))));
    } }, h('summary', { class: 'more' }, words, icon('next')), place);
    return box;
  };
  return [list, some('matter', '只让办其中几件事', 'Items', 'items', (i) => i.hasGuide), some('app', '只让用其中几个应用', 'MiniApps', 'miniApps', (a) => a.opens)];
}

const heard = (figures) => '授权码是：' + figures.replace(/\d{4}/g, (four) => [...four].map((d) => '零一二三四五六七八九'[d]).join('，') + '。');

// code shows what the other needs, once, for as long as it is good.
function code(screen, { code: figures, codeUntil, mandate }) {
  const id = encodeURIComponent(mandate.id);
  const total = Math.round((new Date(codeUntil) - new Date(mandate.offeredAt)) / 1000);
  const ends = performance.now() + total * 1000; // a phone's clock may be wrong
  const left = h('strong', {});
  const bar = h('progress', { max: total, value: total, 'aria-hidden': 'true' });
  const copied = h('p', { class: 'quiet-word', role: 'status' });
  const box = h('div', { class: 'case' });
  const lapse = () => fill(box, note('没有人接受，授权码已经失效。'), h('div', { class: 'actions' }, button('primary wide', '重新发起', screen.refresh)));
  const tick = async () => {
    const s = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    fill(left, `${Math.floor(s / 60)} 分 ${s % 60} 秒`);
    bar.value = s;
    if (s === 0 && box.contains(bar)) lapse();
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(figures);
    } catch {
      throw new Fault('没有复制成功，请抄下来。');
    }
    fill(copied, '已复制');
  };
  tick();
  every(screen.signal, 1000, tick);
  every(screen.signal, lookAfter, async () => {
    const { mandate: now } = await ask('Mandate', { id: mandate.id });
    if (over.has(now.state)) lapse();
    else if (now.state !== 'OFFERED') location.replace('#/mandate/' + id);
  });
  return fill(box, h('div', { class: 'card code-card' }, h('h2', { class: 'lead-in', tabindex: '-1' }, '把这 12 位数字告诉对方'),
    h('p', { class: 'figures', id: 'mandate-code' }, grouped(figures)),
    h('div', { class: 'countdown' }, bar, h('p', {}, '还有 ', left, ' 有效')),
    h('div', { class: 'actions' }, button('quiet', '复制', copy), canRead() && readButton(screen.signal, () => heard(figures))), copied),
  h('ol', { class: 'card told' }, ['对方在自己的手机上打开“我的 → 授权代办 → 替别人办”，输入这个码。', '对方接受后，这一页会告诉您是谁。', '您看清楚是谁，再确认。确认了才生效。'].map((words, i) => h('li', {}, h('span', { class: 'spot' }, i + 1), h('span', { class: 'grow' }, words)))),
  note('只告诉您要托付的人。工作人员不会向您要这个码。离开这一页，码就看不到了。'));
}

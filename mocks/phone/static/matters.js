// One-card matters: choose, see what was found where, say the little that
// nobody can know, and follow it to the end.

import { h, fill, icon } from './dom.js';
import { ask } from './api.js';
import { Fault } from './auth.js';
import { byNearness, namer } from './regions.js';
import { busy, every, failed, freshness, note, pages, part, row, section } from './ui.js';
import { grouped, isoDay, moment } from './format.js';
import { caseState, ended, found, mode, reason } from './words.js';
import { statePill } from './home.js';

export function matters(screen) {
  screen.title('办事');
  return [
    h('a', { class: 'ask', href: '#/search' }, icon('search'), '想办什么事？'),
    part(async () => {
      const list = [];
      for (let after = null; ;) {
        const { items } = await ask('Items', { first: 50, after });
        list.push(...items.edges.map((e) => e.node));
        if (!items.pageInfo.hasNextPage) return list;
        after = items.pageInfo.endCursor;
      }
    }, (all) => {
      const list = all.filter((i) => i.hasGuide);
      const line = (i) => row('/matter/' + encodeURIComponent(i.id), 'matter', i.name, mode[i.mode]);
      const elderly = list.filter((i) => i.zones.includes('ELDERLY'));
      const firm = list.filter((i) => !elderly.includes(i) && i.subject === 'ENTERPRISE');
      const people = list.filter((i) => !elderly.includes(i) && !firm.includes(i));
      return [['跨省通办', people], ['常办的事', elderly], ['企业与个体户', firm]].filter(([, some]) => some.length)
        .map(([title, some]) => section(title, null, h('div', { class: 'card list' }, some.map(line))));
    }, 6),
  ];
}

export function places(screen) {
  const { item } = screen.params;
  screen.title('在哪里办');
  const go = (code) => screen.go(`/matter/${encodeURIComponent(item)}/${code}`);
  return part(byNearness, ({ own, others }) => {
    const choice = h('select', { id: 'elsewhere', onchange: () => choice.value && go(choice.value) },
      h('option', { value: '' }, '请选择'), others.map((r) => h('option', { value: r.code }, r.name)));
    return [
      note('选择负责办理的地方，人不用过去。'),
      section('有您记录的地方', null, h('div', { class: 'choices' }, own.map((r) => h('button', { type: 'button', class: 'choice', 'data-region': r.code, onclick: () => go(r.code) }, r.name)))),
      h('label', { class: 'field' }, h('span', {}, '其他地方'), choice),
    ];
  }, 3);
}

export function preflight(screen) {
  const { item, region } = screen.params;
  screen.title('正在为您查找');
  return part(async () => {
    const [{ preflight: p }, near] = await Promise.all([ask('Preflight', { item, region }), byNearness()]);
    return { p, near };
  }, ({ p, near }) => {
    screen.title(p.item.name);
    const got = p.materials.filter((m) => m.state === 'FOUND').length;
    return [
      h('p', { class: 'where' }, `${p.region.name} · ${p.appName}`),
      h('ul', { class: 'facts' }, [mode[p.guide.mode], p.guide.promiseWorkingDays ? `${p.guide.promiseWorkingDays} 个工作日` : '即时办结', p.guide.feeYuan ? `收费 ${p.guide.feeYuan} 元` : '不收费'].map((f) => h('li', {}, f))),
      section(got === p.materials.length ? `${got} 份材料都替您找到了` : `替您找到 ${got} 份材料，共 ${p.materials.length} 份`, null,
        h('ul', { class: 'card found' }, p.materials.map(material))),
      form(screen, p, near),
    ];
  }, 4);
}

const material = (m) => h('li', { class: m.state === 'FOUND' ? 'yes' : '' }, icon(m.state === 'FOUND' ? 'check' : 'warn'),
  h('span', { class: 'grow' }, h('strong', {}, m.name, m.optional && h('span', { class: 'quiet-word' }, '（可以没有）')),
    h('small', {}, told(m))), h('span', { class: 'state' }, found[m.state] || '待核实'));

function told(m) {
  if (m.state !== 'FOUND') return m.statement || reason(m.reason);
  const words = (m.statement || '').replace(/^[^:：]*[:：]/, '');
  if (m.from === 'profile') return '您的账户里已有';
  return [m.fromName && `来自${m.fromName}`, words].filter(Boolean).join('，') || '由主管部门直接核验';
}

function form(screen, p, near) {
  if (!p.ready) {
    return h('div', { class: 'failed', role: 'status' }, h('p', {}, icon('warn'),
      h('span', {}, p.asked ? `还差 ${p.asked} 份材料，暂时不能在线提交。` : '有的材料暂时查不到，请过一会儿再试。')),
    h('button', { type: 'button', class: 'quiet', onclick: screen.refresh }, '再查一次'));
  }
  const inputs = p.fields.map((f) => field(f, near));
  const key = 'page-' + crypto.randomUUID();
  const send = h('button', { type: 'submit', class: 'primary wide' }, '确认提交');
  const wrong = h('div', {});
  const submit = async () => {
    wrong.replaceChildren();
    const missing = inputs.find((i) => i.required && !i.value());
    if (missing) {
      fill(wrong, failed(new Fault(`请先填写“${missing.label}”。`)));
      missing.focus();
      return;
    }
    const fields = inputs.filter((i) => i.value()).map((i) => ({ name: i.name, value: i.value() }));
    const { submitMatter } = await ask('SubmitMatter', { input: { item: p.item.id, region: p.region.code, fields, idempotencyKey: key } });
    location.replace('#/case/' + submitMatter.case.id);
  };
  return h('form', { class: 'form', novalidate: true, onsubmit: (e) => { e.preventDefault(); busy(send, submit); } },
    section(p.typed ? `只需您填写 ${p.typed} 项` : '都已替您填好', null, inputs.map((i) => i.element)),
    note('提交后，您可以在“谁用了我的数据”里看到用到了哪些信息。'), wrong, h('div', { class: 'actions' }, send));
}

// field is one line of the form: filled already, or a control of the right shape.
function field(f, near) {
  const id = 'f-' + f.name;
  const label = f.label.replace('(', '（').replace(')', '）');
  if (f.prefilled) {
    const slot = h('div', { class: 'known' }, h('span', { class: 'grow' }, h('small', {}, label), h('strong', {}, f.displayValue)));
    const state = { element: slot, name: f.name, label, required: false, value: () => '', focus() {} };
    if (f.editable) {
      slot.append(h('button', { type: 'button', class: 'quiet', 'aria-label': '修改' + label, onclick: () => {
        const c = control(f, id, near);
        fill(slot, labelled(label, id, c, f));
        slot.className = '';
        state.value = () => c.value.trim();
        c.focus();
      } }, '修改'));
    }
    return state;
  }
  if (f.kind === 'DATE') return day(f, id, label);
  const c = control(f, id, near);
  return { element: labelled(label, id, c, f), name: f.name, label, required: f.required, value: () => c.value.trim(), focus: () => c.focus() };
}

const optional = (f) => !f.required && h('span', { class: 'quiet-word' }, '（可不填）');

// day is a date in three choices: a browser's own calendar speaks the browser's
// language, and its targets are small. The days most often meant are one tap.
function day(f, id, label) {
  const thisYear = Number(isoDay(0).slice(0, 4));
  const choice = (part, word, from, to, chosen) => h('select', { id: `${id}-${part}`, 'aria-label': label + word },
    !chosen && h('option', { value: '' }, word), Array.from({ length: to - from + 1 }, (_, i) => h('option', { value: String(from + i).padStart(2, '0'), selected: from + i === chosen }, `${from + i}${word}`)));
  const all = [choice('y', '年', thisYear - 60, thisYear + 3, thisYear), choice('m', '月', 1, 12), choice('d', '日', 1, 31)];
  const set = (ahead) => isoDay(ahead).split('-').forEach((v, i) => { all[i].value = v; });
  const element = h('div', { class: 'field', role: 'group', 'aria-label': label }, h('span', {}, label, optional(f)), h('div', { class: 'date' }, all),
    h('div', { class: 'days' }, [[0, '今天'], [1, '明天'], [7, '一周后']].map(([ahead, word]) => h('button', { type: 'button', class: 'quiet', onclick: () => set(ahead) }, word))));
  return { element, name: f.name, label, required: f.required, value: () => (all.every((c) => c.value) ? all.map((c) => c.value).join('-') : ''), focus: () => all[1].focus() };
}

const labelled = (label, id, c, f) => h('div', { class: 'field' },
  h('label', { for: id }, label, optional(f)), c);

function control(f, id, near) {
  const name = { id, name: f.name, 'aria-required': String(f.required) };
  switch (f.kind) {
    case 'REGION': {
      const option = (r) => h('option', { value: r.code }, r.name);
      return h('select', name, h('option', { value: '' }, '请选择'),
        h('optgroup', { label: '有您记录的地方' }, near.own.map(option)), h('optgroup', { label: '其他地方' }, near.others.map(option)));
    }
    case 'PHONE': return h('input', { ...name, type: 'tel', inputmode: 'numeric', maxlength: 11, autocomplete: 'tel' });
    case 'AMOUNT': return h('input', { ...name, type: 'text', inputmode: 'decimal', maxlength: 15, autocomplete: 'off' });
    default: return h('input', { ...name, type: 'text', maxlength: 200, autocomplete: 'off' });
  }
}

const path = ['SUBMITTED', 'RECEIVED', 'ACCEPTED', 'DONE'];

// oneCase is the receipt and the live progress of a matter.
export function oneCase(screen) {
  const { id } = screen.params;
  screen.title('办理进度');
  const box = h('div', { class: 'case' });
  let shown = '';
  const draw = async () => {
    const [{ case: c }, name] = await Promise.all([ask('Case', { id }), namer()]);
    if (!c) return fill(box, note('没有找到这件事。'));
    if (c.state + c.events.length === shown) return;
    shown = c.state + c.events.length;
    fill(box, progress(c, name));
  };
  const first = part(draw, () => null, 3);
  every(screen.signal, 2000, async () => { if (!ended.has(shown.replace(/\d+$/, ''))) await draw(); });
  return [box, first];
}

function progress(c, name) {
  const at = Object.fromEntries(c.events.map((e) => [e.state, e]));
  const order = c.state === 'REFUSED' ? ['SUBMITTED', 'RECEIVED', 'REFUSED'] : c.state === 'CORRECTION' ? ['SUBMITTED', 'RECEIVED', 'CORRECTION', 'DONE'] : path;
  const now = order.indexOf(c.state);
  return [
    h('div', { class: 'receipt', 'data-state': c.state }, h('span', { class: 'seal' }, icon(c.state === 'REFUSED' || c.state === 'CORRECTION' ? 'warn' : 'hand')),
      h('p', { class: 'big' }, caseState[c.state] || '办理中'), h('p', {}, c.itemName), h('p', { class: 'quiet-word' }, name(c.region) + '办理')),
    h('dl', { class: 'card plain-list' },
      h('div', {}, h('dt', {}, '业务协同编号'), h('dd', { class: 'code' }, grouped(c.id))),
      c.receipt && h('div', {}, h('dt', {}, '当地受理号'), h('dd', { class: 'code' }, c.receipt)),
      h('div', {}, h('dt', {}, '提交时间'), h('dd', {}, moment(c.createdAt)))),
    section('进度', null, h('ol', { class: 'steps', 'aria-live': 'polite' }, order.map((s, i) => {
      const event = at[s];
      const when = s === 'SUBMITTED' ? c.createdAt : event?.at;
      return h('li', { class: i < now ? 'past' : i === now ? 'now' : '', 'aria-current': i === now ? 'step' : null },
        h('strong', {}, caseState[s], i > now && h('span', { class: 'away' }, '，还没到')),
        i <= now && when && h('small', {}, moment(when)), event?.note && h('small', {}, event.note), event?.reviewPoint && h('p', { class: 'point' }, event.reviewPoint));
    }))),
    section('用到的材料', null, h('ul', { class: 'card found' }, c.materials.map((m) => h('li', { class: 'yes' }, icon('check'), h('span', { class: 'grow' }, m.name))))),
    note('有新的进展会发到“消息”，不用一直等在这里。'),
  ];
}

export function cases(screen) {
  screen.title('我的办件');
  return [
    section('在这里办的', null, part(async () => namer(), (name) => pages(async (after) => (await ask('Cases', { first: 20, after })).cases,
      (c) => row('/case/' + c.id, 'hand', c.itemName, `${name(c.region)} · ${moment(c.updatedAt)}`, statePill(c.state)), '还没有在这里办过事。'), 1)),
    section('各省记着的', null, part(async () => ({ ...(await ask('HomeCases')), name: await namer() }), ({ homeCases: { elsewhere }, name }) => !elsewhere ? note('暂时取不到。') : [
      h('div', { class: 'stack' }, elsewhere.cases.map((c) => h('div', { class: 'row' }, h('span', { class: 'grow' }, h('strong', {}, c.title),
        h('small', {}, `${name(c.province)}${c.updatedAt ? ' · ' + moment(c.updatedAt) : ''}`), freshness(c, true)), statePill(c.state)))),
      elsewhere.sources.filter((s) => s.freshness === 'UNAVAILABLE' || s.freshness === 'STALE').map((s) => h('div', { class: 'line' }, h('span', {}, s.name), freshness(s))),
    ])),
  ];
}

// One-card matters: choose, see what was found where, and say the little that
// nobody can know.

import { h, fill, icon } from './dom.js';
import { acting, allows } from './acting.js';
import { all, ask } from './api.js';
import { Fault } from './fault.js';
import { byNearness } from './regions.js';
import { field } from './fields.js';
import { papers } from './papers.js';
import { toCashier } from './pay.js';
import { busy, failed, note, part, row, section } from './ui.js';
import { found, mode, reason } from './words.js';

export function matters(screen) {
  screen.title('办事');
  return [
    h('a', { class: 'ask', href: '#/search' }, icon('search'), '想办什么事？'),
    part(() => all('Items', 'items'), (items) => {
      const list = items.filter((i) => i.hasGuide && allows('matter', i.id));
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
      section('有记录的地方', null, h('div', { class: 'choices' }, own.map((r) => h('button', { type: 'button', class: 'choice', 'data-region': r.code, onclick: () => go(r.code) }, r.name)))),
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
      h('ul', { class: 'facts' }, [mode[p.guide.mode], p.guide.promiseWorkingDays ? `${p.guide.promiseWorkingDays} 个工作日` : '即时办结', fee(p)].map((f) => h('li', {}, f))),
      section(got === p.materials.length ? `${got} 份材料都替您找到了` : `替您找到 ${got} 份材料，共 ${p.materials.length} 份`, null,
        h('ul', { class: 'card found' }, p.materials.map(material))),
      form(screen, p, near),
    ];
  }, 4);
}

// fee says what it costs: what the province says is due now, or what the guide does.
const fee = ({ bill, guide }) => (bill ? (bill.reason ? '费用暂时查不到' : `要缴 ${bill.amount} 元`) : guide.feeYuan ? `收费 ${guide.feeYuan} 元` : '不收费');

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
  if (!p.ready && !p.answerable) {
    return h('div', { class: 'failed', role: 'status' }, h('p', {}, icon('warn'),
      h('span', {}, p.asked ? `还差 ${p.asked} 份材料，暂时不能在线提交。` : '有的材料暂时查不到，请过一会儿再试。')),
    h('button', { type: 'button', class: 'quiet', onclick: screen.refresh }, '再查一次'));
  }
  const inputs = p.fields.map((f) => field(f, near));
  const said = () => inputs.filter((i) => i.value()).map((i) => ({ name: i.name, value: i.value() }));
  const owed = papers(p, said);
  const key = 'page-' + crypto.randomUUID();
  const send = h('button', { type: 'submit', class: 'primary wide' }, p.bill && !p.bill.reason ? '确认提交，去缴费' : '确认提交');
  const wrong = h('div', {});
  const submit = async () => {
    wrong.replaceChildren();
    const missing = inputs.find((i) => i.required && !i.value());
    if (missing) {
      fill(wrong, failed(new Fault(`请先填写“${missing.label}”。`)));
      missing.focus();
      return;
    }
    const lacking = owed.missing();
    if (lacking) {
      fill(wrong, failed(new Fault(lacking.words)));
      lacking.o.element.focus();
      return;
    }
    const { submitMatter } = await ask('SubmitMatter', { input: { item: p.item.id, region: p.region.code, fields: said(), materials: owed.given(), idempotencyKey: key } });
    location.replace('#/case/' + submitMatter.case.id);
    if (submitMatter.case.state === 'PAYMENT_DUE') await toCashier(submitMatter.case.id);
  };
  return h('form', { class: 'form', novalidate: true, onsubmit: (e) => { e.preventDefault(); busy(send, submit); } },
    inputs.length > 0 && section(p.typed ? `只需您填写 ${p.typed} 项` : '都已替您填好', null, inputs.map((i) => i.element)),
    owed.elements.length > 0 && section(`请您提供 ${owed.elements.length} 样`, null, owed.elements),
    note(acting() ? `提交后，${acting().name}看得到您替他办了这件事，用到了哪些信息。` : '提交后，您可以在“谁用了我的数据”里看到用到了哪些信息。'), wrong, h('div', { class: 'actions' }, send));
}

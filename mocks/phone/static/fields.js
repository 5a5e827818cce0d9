// The fields of a form.

import { h, fill } from './dom.js';
import { isoDay } from './format.js';

// field is one line of the form: filled already, or a control of the right shape.
export function field(f, near) {
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
        h('optgroup', { label: '有记录的地方' }, near.own.map(option)), h('optgroup', { label: '其他地方' }, near.others.map(option)));
    }
    case 'PHONE': return h('input', { ...name, type: 'tel', inputmode: 'numeric', maxlength: 11, autocomplete: 'tel' });
    case 'AMOUNT': return h('input', { ...name, type: 'text', inputmode: 'decimal', maxlength: 15, autocomplete: 'off' });
    default: return h('input', { ...name, type: 'text', maxlength: 200, autocomplete: 'off' });
  }
}

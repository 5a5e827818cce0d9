// A verifier waits for the holder's word: asked on whatever screen the person
// is, for as long as an answer counts.

import { h, fill, icon } from './dom.js';
import { ask } from './api.js';
import { busy, tell } from './ui.js';

let open = null;

// waiting shows the first check that waits, or takes away one that does not.
export function waiting(list) {
  const first = list.find((a) => a.state === 'WAITING');
  if (open && open.id === first?.id) return;
  close();
  if (first) show(first);
}

// time gives how long an answer counts, and how much of that is left, in
// seconds. A phone's clock may be wrong: what has just been told still waits.
function time(a) {
  const total = Math.max(1, Math.round((new Date(a.answerBy) - new Date(a.askedAt)) / 1000));
  return { total, left: Math.min(total, Math.max(10, (new Date(a.answerBy) - Date.now()) / 1000)) };
}

function close() {
  if (!open) return;
  clearInterval(open.timer);
  open.dialog.close();
  open.dialog.remove();
  open = null;
}

function show(a) {
  const { total, left } = time(a);
  const until = performance.now() + left * 1000;
  const seconds = h('strong', {});
  const bar = h('progress', { max: total, value: left, 'aria-hidden': 'true' });
  const said = h('p', { class: 'away', role: 'status' });
  const answer = async (word) => {
    const { answerApproval } = await ask('AnswerApproval', { input: { approval: a.id, answer: word } });
    close();
    const agreed = word === 'APPROVE' && ['APPROVED', 'TOLD'].includes(answerApproval.approval.state);
    tell(agreed ? `已同意。${a.verifier}会得到您允许的信息。` : '已拒绝，对方什么也没有得到。', '/ledger');
  };
  const choice = (kind, id, label, word) => {
    const b = h('button', { type: 'button', class: kind + ' wide', id, onclick: () => busy(b, () => answer(word)) }, label);
    return b;
  };
  const dialog = h('dialog', { class: 'approval', 'aria-labelledby': 'approval-title' },
    h('h2', { id: 'approval-title', tabindex: '-1' }, '有人要查看您的信息'),
    h('div', { class: 'asker' }, h('span', { class: 'spot' }, icon('shield')), h('span', { class: 'grow' }, h('strong', {}, a.verifier), a.place && h('small', {}, a.place),
      h('small', {}, '信用代码 ', h('span', { class: 'code' }, a.creditCode)))),
    h('dl', { class: 'plain-list' }, h('div', {}, h('dt', {}, '用来做什么'), h('dd', {}, a.purpose)), h('div', {}, h('dt', {}, '您的证照'), h('dd', {}, a.licenceType))),
    h('div', {}, h('p', { class: 'quiet-word' }, '对方会看到'), h('ul', { class: 'chips asked' }, a.fields.map((f) => h('li', { class: f.sensitive ? 'careful' : null }, f.label, f.sensitive && '（敏感）')))),
    h('div', { class: 'countdown' }, bar, h('p', {}, '请在 ', seconds, ' 内答复，不答复就不给')), said,
    h('div', { class: 'actions' }, choice('primary', 'approve', '同意给对方看', 'APPROVE'), choice('quiet', 'refuse', '不同意', 'REFUSE')));
  const tick = () => {
    const s = Math.ceil((until - performance.now()) / 1000);
    if (s <= 0) {
      close();
      tell('超过时间没有答复，对方什么也没有得到。', '/ledger');
      return;
    }
    fill(seconds, `${s} 秒`);
    bar.value = s;
    if (s === 30 || s === 10) fill(said, `还有 ${s} 秒`);
  };
  dialog.addEventListener('cancel', (e) => e.preventDefault()); // only an answer, or time, ends it
  document.body.append(dialog);
  open = { id: a.id, dialog, timer: setInterval(tick, 1000) };
  tick();
  if (!open) return;
  dialog.showModal();
  dialog.querySelector('h2').focus();
}

// An officer's device: choose a purpose, scan, read the answer. The officer's
// key is not here; the server beside this page asks in the officer's name.

import { prepare, read, watch } from './scan.js';
import { age, clock, ended, fields as names, outcomes, statuses } from './words.js';

const $ = (id) => document.getElementById(id);
const h = (tag, attributes = {}, ...children) => {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
};

let verifier = null;
let asking = null; // ends the waiting for an earlier check

const sorry = '暂时无法核验，请稍后再试。';

async function call(path, body) {
  const res = await fetch(path, body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {});
  const answer = await res.json();
  if (Array.isArray(answer)) return answer;
  if (answer.errors) throw new Error(answer.errors[0]?.message || sorry);
  return answer.data;
}

const here = () => `organisations/${encodeURIComponent($('organisation').value)}`;

async function choose() {
  ({ verifier } = await call(here()));
  $('who').textContent = `${verifier.name} · ${verifier.place}`;
  $('purpose').replaceChildren(...verifier.purposes.map((p) => h('option', { value: p.code }, `${p.text}（${p.licences.join('、')}）`)));
  purposeChosen();
}

function purposeChosen() {
  const purpose = verifier.purposes.find((p) => p.code === $('purpose').value);
  $('fields').replaceChildren(...purpose.fields.map((f) => h('label', {}, h('input', { type: 'checkbox', name: 'field', value: f, checked: '' }), names[f] ?? '其他')));
}

// fits tells whether a text can be a code: its link, or the code alone.
const fits = (text) => /^(https?:\/\/[^\s#]+\/scan#)?[A-Za-z0-9_-]{16,64}$/.test(text.trim());

async function check(text) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  if (!fits(text)) return say('这不是亮证码', '请对方在“亮证”里出示二维码。');
  const chosen = [...document.querySelectorAll('[name=field]:checked')].map((c) => c.value);
  if (!chosen.length) return say('还没有选择要核对的内容', '请至少选择一项。');
  try {
    const path = here();
    let { check: { check: told } } = await call(`${path}/checks`, { code: text.trim(), purpose: $('purpose').value, fields: chosen });
    while (!signal.aborted && (told.state === 'WAITING' || told.state === 'APPROVED')) {
      waiting(told);
      await new Promise((next) => setTimeout(next, 1000));
      ({ checkResult: told } = await call(`${path}/checks/${encodeURIComponent(told.id)}`));
    }
    if (!signal.aborted) show(told);
  } catch (e) {
    if (!signal.aborted) say('没有核验成功', e.message);
  }
}

function place(...children) {
  $('result').hidden = false;
  $('result').replaceChildren(...children.flat().filter(Boolean));
  $('result').scrollIntoView({ block: 'start' });
}

const say = (title, words) => place(h('h2', { class: 'UNKNOWN' }, title), h('p', {}, words));

let asked = '';
function waiting(told) {
  if (asked === told.id) return; // said once, so that it is read aloud once
  asked = told.id;
  place(h('h2', { class: 'WAITING' }, '… 等待持证人同意'), h('p', {}, `要核对的内容里有敏感信息，正在请持证人在手机上确认，最晚到 ${clock(told.waitUntil)}。`));
}

function show(told) {
  if (told.state !== 'TOLD') return say(...(ended[told.state] ?? ['没有核验成功', sorry]));
  const [title, words] = outcomes[told.outcome] ?? outcomes.UNKNOWN;
  place(
    h('h2', { class: told.outcome, id: 'outcome', 'data-outcome': told.outcome }, title), h('p', {}, words),
    told.outcome === 'UNKNOWN' && h('p', {}, `自 ${clock(told.since)} 起无法确认。${told.lastKnown ? `最后一次得知：${statuses[told.lastKnown] ?? statuses.UNKNOWN}。` : ''}`),
    told.sources.map((s) => h('p', { class: 'source' }, `来源：${s.name}，${s.ageSeconds === null ? '没有答复' : `${age(s.ageSeconds)}的答复`}${s.since ? `，自 ${clock(s.since)} 起没有回应` : ''}。`)),
    told.fields.length > 0 && h('dl', {}, told.fields.map((f) => [h('dt', {}, f.label), h('dd', {}, f.value || '证照上没有')])),
    told.withheld.length > 0 && h('p', {}, `持证人没有出示：${told.withheld.map((f) => names[f] ?? '其他').join('、')}。`),
    h('p', {}, `核验时间 ${clock(told.answeredAt)}，已记入持证人的数据使用记录。`),
  );
}

let looking = null;
async function scan() {
  $('camera').hidden = false;
  $('scan').hidden = true;
  looking = new AbortController();
  try {
    const text = await watch($('picture'), fits, looking.signal);
    putAway();
    if (text) await check(text);
  } catch {
    putAway();
    say('打不开摄像头', '请允许使用摄像头，或者粘贴亮证码、从图片读取。');
    $('otherwise').open = true;
  }
}

function putAway() {
  $('camera').hidden = true;
  $('scan').hidden = false;
}

$('scan').addEventListener('click', scan);
$('stop').addEventListener('click', () => looking?.abort());
$('purpose').addEventListener('change', purposeChosen);
$('organisation').addEventListener('change', () => choose().catch(() => say('没有核验成功', sorry)));
$('ask').addEventListener('submit', (e) => { e.preventDefault(); check($('text').value); });
$('image').addEventListener('change', async () => {
  const [picture] = $('image').files;
  if (!picture) return;
  const bitmap = await createImageBitmap(picture).catch(() => null);
  const text = bitmap && await read(bitmap, bitmap.width, bitmap.height);
  $('image').value = '';
  if (text) await check(text);
  else say('图片里没有找到二维码', '请换一张清楚的图片。');
});

await prepare();
try {
  const list = await call('organisations');
  $('organisation').replaceChildren(...list.map((o) => h('option', { value: o.id }, o.name)));
  await choose();
} catch {
  say('没有核验成功', sorry);
}

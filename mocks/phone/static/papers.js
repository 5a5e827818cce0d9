// What a person gives and signs: a file goes by its own way, to an address that
// works once; a document is read in full and signed with one confirmation.

import { h, fill, icon } from './dom.js';
import { ask } from './api.js';
import { bearer } from './acting.js';
import { Fault } from './fault.js';
import { send as proved } from './proof.js';
import { button, failed } from './ui.js';

const most = 10 * 1024 * 1024; // bytes, as requestUpload says
const sendWithin = 120000;
const types = { pdf: 'application/pdf', ofd: 'application/ofd', png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg' };

// papers gives what asks for the materials that are still owed. said gives the
// form's fields as they stand.
export function papers(p, said) {
  const owed = p.materials.filter((m) => m.call && m.state !== 'FOUND').map((m) => ({ name: m.name, optional: m.optional, given: null }));
  const calls = Object.fromEntries(p.materials.map((m) => [m.name, m.call]));
  for (const o of owed) o.element = calls[o.name] === 'requestUpload' ? upload(p, o) : signing(p, o, said);
  return {
    elements: owed.map((o) => o.element),
    count: owed.filter((o) => !o.optional).length,
    // missing gives the first that is not there, and its words.
    missing() {
      const fields = JSON.stringify(said());
      for (const o of owed) {
        if (!o.given && !o.optional) return { o, words: calls[o.name] === 'requestUpload' ? `请先上传“${o.name}”。` : `请先签署“${o.name}”。` };
        if (o.given?.signature && o.fields !== fields) return { o, words: `填写的内容改了，请重新签署“${o.name}”。` };
      }
      return null;
    },
    given: () => owed.filter((o) => o.given).map((o) => ({ material: o.name, ...o.given })),
  };
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');

function upload(p, o) {
  const state = h('p', { class: 'paper-state', role: 'status' }, '还没有上传');
  const input = h('input', { type: 'file', class: 'away', id: 'file-' + o.name, accept: Object.keys(types).map((t) => '.' + t).join(), onchange: () => take() });
  const label = h('label', { class: 'quiet', for: 'file-' + o.name }, icon('camera'), '拍照或选文件');
  const box = h('div', { class: 'paper', tabindex: '-1' }, h('strong', {}, o.name, o.optional && '（可以没有）'), state, input, label);
  const take = async () => {
    const [file] = input.files;
    if (!file) return;
    box.querySelector('.failed')?.remove();
    label.setAttribute('aria-busy', 'true');
    fill(state, '正在上传…');
    try {
      o.given = { upload: await send(p, o, file) };
      fill(state, icon('check'), '已上传');
      state.classList.add('yes');
      label.lastChild.textContent = '换一份';
    } catch (e) {
      fill(state, '没有上传成功');
      box.append(failed(e));
    } finally {
      label.removeAttribute('aria-busy');
      input.value = '';
    }
  };
  return box;
}

async function send(p, o, file) {
  const mediaType = types[file.name.split('.').pop().toLowerCase()];
  if (!mediaType) throw new Fault('只能是照片（JPG、PNG）、PDF 或 OFD 文件。');
  if (!file.size || file.size > most) throw new Fault('文件不能是空的，也不能超过 10 兆。');
  const content = await file.arrayBuffer();
  const sha256 = hex(await crypto.subtle.digest('SHA-256', content));
  const { requestUpload } = await ask('RequestUpload', { input: { item: p.item.id, region: p.region.code, material: o.name, mediaType, bytes: content.byteLength, sha256 } });
  const to = new URL(requestUpload.upload.address, location.origin);
  if (to.origin !== location.origin) throw new Fault('上传的地址不对，没有发送。');
  const res = await proved(to.href, {
    method: 'PUT', body: content, signal: AbortSignal.timeout(sendWithin), headers: { 'Content-Type': mediaType },
  }, await bearer('RequestUpload'));
  if (!res.ok) throw new Fault((await res.json().catch(() => ({}))).message || '文件没有收全，请再试一次。');
  return requestUpload.upload.id;
}

function signing(p, o, said) {
  const state = h('p', { class: 'paper-state', role: 'status' }, '还没有签署');
  const box = h('div', { class: 'paper', tabindex: '-1' }, h('strong', {}, o.name, o.optional && '（可以没有）'), state,
    h('div', {}, button('quiet', [icon('pen'), '阅读并签署'], () => read(p, o, said(), () => { fill(state, icon('check'), '已签署'); state.classList.add('yes'); }))));
  return box;
}

// read shows the document whole; one confirmation signs exactly what was read.
async function read(p, o, fields, signed) {
  const about = { item: p.item.id, region: p.region.code, material: o.name, fields };
  const { documentToSign: d } = await ask('DocumentToSign', about);
  const close = () => { dialog.close(); dialog.remove(); };
  const sign = async () => {
    const { signDocument } = await ask('SignDocument', { input: { ...about, sha256: d.sha256 } });
    o.given = { signature: signDocument.signature.id };
    o.fields = JSON.stringify(fields);
    signed();
    close();
  };
  const dialog = h('dialog', { class: 'approval document', 'aria-labelledby': 'document-title' }, h('h2', { id: 'document-title', tabindex: '-1' }, d.title),
    h('div', { class: 'document-text', tabindex: '0', role: 'region', 'aria-label': '全文' }, d.text.split('\n').map((l) => h('p', {}, l))),
    h('div', { class: 'actions' }, button('primary wide', '我已读完，确认签署', sign), h('button', { type: 'button', class: 'quiet wide', onclick: close }, '先不签')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('h2').focus();
}

// Signing in: a pushed request (RFC 9126), authorization code with PKCE (RFC
// 7636), all for this device's key (proof.js). The access token stays in memory;
// the refresh token in this tab's sessionStorage, so that a reload does not ask
// again. A refresh token works once, so the tabs of a sign-in renew it one at a
// time and hand the new one round.

import { Fault, reach } from './fault.js';
import { base64url, heed, send } from './proof.js';
import { alone, company, hear, shout, taken } from './tabs.js';

const client = 'tongban-mobile';
const refreshKey = 'tongban.refresh';
const sessionKey = 'tongban.session';
const turnKey = 'tongban.turn';
const pendingKey = 'tongban.pending';
// How long another tab has to say what it holds, and to hand on what it just
// got, in ms.
const answerWithin = 400;
const successorWithin = 10000;

let access = null;
let goodUntil = 0;
let renewing = null;
let joining = false;

export const redirectURI = () => location.origin + '/phone/';

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

let known = null;
async function metadata() {
  if (!known) {
    const res = heed(await reach('/.well-known/openid-configuration'));
    const m = await res.json();
    if (m.issuer !== location.origin) throw new Fault('登录服务的地址不对，请从正确的网址打开。');
    known = m;
  }
  return known;
}

// begin goes to an identity source; to the product's default without one.
export async function begin(source) {
  if (!crypto.subtle) throw new Fault('请用安全的网址（https）打开本页再登录。');
  const m = await metadata();
  const verifier = random();
  const state = random();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  sessionStorage.setItem(pendingKey, JSON.stringify({ verifier, state }));
  const ask = new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirectURI(), scope: 'mobile', state,
    code_challenge: base64url(digest), code_challenge_method: 'S256', device: '手机网页',
  });
  if (source) ask.set('source', source);
  const res = await send(m.pushed_authorization_request_endpoint, { method: 'POST', body: ask });
  if (!res.ok) throw new Fault('现在不能登录，请稍后再试。', 'BUSY');
  const { request_uri } = await res.json();
  location.assign(m.authorization_endpoint + '?' + new URLSearchParams({ client_id: client, request_uri }));
}

// comeBack takes the answer in the address, if there is one, and says whether there was.
export async function comeBack() {
  const got = new URLSearchParams(location.search);
  if (!got.has('state')) return false;
  history.replaceState(null, '', location.pathname + location.hash);
  const pending = JSON.parse(sessionStorage.getItem(pendingKey) || 'null');
  sessionStorage.removeItem(pendingKey);
  const m = await metadata();
  if (!pending || got.get('state') !== pending.state || got.get('iss') !== m.issuer) {
    throw new Fault('这次登录不是从本页开始的，请重新登录。');
  }
  if (got.has('error')) throw new Fault('您没有完成登录。需要时可以再试一次。');
  await redeem({ grant_type: 'authorization_code', code: got.get('code'), redirect_uri: redirectURI(), code_verifier: pending.verifier });
  return true;
}

// granted gives the tokens that the token endpoint answers with; null where it
// refuses them.
export async function granted(form) {
  const m = await metadata();
  const res = await send(m.token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id: client, ...form }) });
  if (res.status >= 500 || res.status === 429) throw new Fault('系统正忙，请稍后再试。', 'BUSY');
  if (!res.ok) return null;
  const t = await res.json();
  return { access: t.access_token, refresh: t.refresh_token, goodUntil: Date.now() + (t.expires_in - 30) * 1000 };
}

async function redeem(form) {
  const t = await granted(form);
  if (!t) {
    forget();
    throw new Fault('登录已失效，请重新登录。', 'SIGNED_OUT');
  }
  keep({ ...t, session: claim(t.access, 'sid'), turn: turn() + 1 });
  shout('tokens', held());
}

// turn counts how often the sign-in was renewed; 0 before it began. It tells a
// later token from an earlier one, which the tabs' clocks do not: each has its own.
const turn = () => Number(sessionStorage.getItem(turnKey));

function keep(t) {
  access = t.access;
  goodUntil = t.goodUntil;
  sessionStorage.setItem(refreshKey, t.refresh);
  sessionStorage.setItem(sessionKey, t.session);
  sessionStorage.setItem(turnKey, t.turn);
}

const held = () => ({ access, goodUntil, session: thisSession(), turn: turn(), refresh: sessionStorage.getItem(refreshKey) });

function claim(token, name) {
  try {
    const body = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(atob(body))[name] || '';
  } catch {
    return '';
  }
}

export const signedIn = () => sessionStorage.getItem(refreshKey) !== null;
export const thisSession = () => sessionStorage.getItem(sessionKey) || '';
const fresh = () => access !== null && Date.now() < goodUntil;

// token gives a token, asking for a new one where there is none.
export async function token() {
  if (fresh()) return access;
  if (!signedIn()) throw new Fault('请先登录。', 'SIGNED_OUT');
  renewing ||= alone('tongban.renew', renew).finally(() => { renewing = null; });
  await renewing;
  return access;
}

// renew runs in one tab at a time. A token that another tab used is dead; its
// successor is on the way from there.
async function renew() {
  if (fresh()) return;
  if (!signedIn()) throw new Fault('您已退出登录，请重新登录。', 'SIGNED_OUT');
  const old = sessionStorage.getItem(refreshKey);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(old));
  if (!await taken('tongban.used ' + base64url(digest))) return redeem({ grant_type: 'refresh_token', refresh_token: old });
  await answered('what', { session: thisSession() }, fresh, successorWithin);
  if (!fresh()) throw new Fault('系统正忙，请稍后再试。', 'BUSY');
}

// answered shouts and waits until done holds, or for so many ms.
async function answered(kind, data, done, within) {
  shout(kind, data);
  for (const end = performance.now() + within; performance.now() < end && !done();) await new Promise((go) => { setTimeout(go, 20); });
}

// join takes over the sign-in of another tab of this browser, if there is one.
export async function join() {
  if (signedIn() || !await company()) return;
  joining = true;
  await answered('who', {}, signedIn, answerWithin);
  joining = false;
}

hear('what', ({ session }) => { if (session === thisSession() && fresh()) shout('tokens', held()); });
hear('who', () => { if (fresh()) shout('tokens', held()); });
hear('tokens', (t) => {
  const ours = signedIn() ? t.session === thisSession() : joining;
  if (ours && t.turn > turn()) keep(t);
});
hear('out', ({ session }) => {
  if (session !== thisSession()) return;
  drop();
  dispatchEvent(new Event('signed-out'));
});

// stale drops the token that was refused, so that the next ask gets a new one.
export function stale(refused) {
  if (access === refused) access = null;
}

function drop() {
  access = null;
  goodUntil = 0;
  sessionStorage.removeItem(refreshKey);
  sessionStorage.removeItem(sessionKey);
  sessionStorage.removeItem(turnKey);
}

// forget signs out here and in the other tabs of this sign-in.
export function forget() {
  if (signedIn()) shout('out', { session: thisSession() });
  drop();
}

// revoke ends the sign-in at the product, whatever became of the page.
export async function revoke() {
  const old = sessionStorage.getItem(refreshKey);
  forget();
  if (!old) return;
  try {
    const m = await metadata();
    await reach(m.revocation_endpoint || '/oauth2/revoke', { method: 'POST', body: new URLSearchParams({ client_id: client, token: old }) });
  } catch {
    // Signed out here in any case; the token lapses by itself.
  }
}

// Signing in: authorization code with PKCE (RFC 7636). The access token stays
// in memory; the refresh token in this tab's sessionStorage, so that a reload
// does not ask again.

const client = 'tongban-mobile';
const refreshKey = 'tongban.refresh';
const pendingKey = 'tongban.pending';

let access = null;
let goodUntil = 0;
let session = '';
let refreshing = null;

export class Fault extends Error {
  constructor(message, code) {
    super(message);
    this.code = code || '';
  }
}

// inWords gives what a person is told of a failure: a fault of this page's own
// is for the console.
export function inWords(e) {
  if (e instanceof Fault) return e.message;
  reportError(e);
  return '这一步没有做成，请再试一次。';
}

export const redirectURI = () => location.origin + '/phone/';

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

let known = null;
async function metadata() {
  if (!known) {
    const res = await reach('/.well-known/openid-configuration');
    const m = await res.json();
    if (m.issuer !== location.origin) throw new Fault('登录服务的地址不对，请从正确的网址打开。');
    known = m;
  }
  return known;
}

// reach fetches and says in words what the network did.
export async function reach(address, options) {
  try {
    return await fetch(address, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(20000), ...options });
  } catch (e) {
    if (e && e.name === 'TimeoutError') throw new Fault('等了太久没有回应，请稍后再试。', 'SLOW');
    throw new Fault('网络连不上，请检查网络后再试。', 'OFFLINE');
  }
}

export async function begin() {
  if (!crypto.subtle) throw new Fault('请用安全的网址（https）打开本页再登录。');
  const m = await metadata();
  const verifier = random();
  const state = random();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  sessionStorage.setItem(pendingKey, JSON.stringify({ verifier, state }));
  const ask = new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirectURI(), scope: 'mobile', state,
    code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: 'S256', device: '手机网页',
  });
  location.assign(m.authorization_endpoint + '?' + ask);
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

async function redeem(form) {
  const m = await metadata();
  const res = await reach(m.token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id: client, ...form }) });
  if (res.status >= 500 || res.status === 429) throw new Fault('系统正忙，请稍后再试。', 'BUSY');
  if (!res.ok) {
    forget();
    throw new Fault('登录已失效，请重新登录。', 'SIGNED_OUT');
  }
  const t = await res.json();
  access = t.access_token;
  goodUntil = Date.now() + (t.expires_in - 30) * 1000;
  session = claim(t.access_token, 'sid');
  sessionStorage.setItem(refreshKey, t.refresh_token);
}

function claim(token, name) {
  try {
    const body = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(atob(body))[name] || '';
  } catch {
    return '';
  }
}

export const signedIn = () => access !== null || sessionStorage.getItem(refreshKey) !== null;
export const thisSession = () => session;

// token gives a token, asking for a new one where there is none. Many may wait
// for one: a refresh token works once.
export async function token() {
  if (access && Date.now() < goodUntil) return access;
  const old = sessionStorage.getItem(refreshKey);
  if (!old) throw new Fault('请先登录。', 'SIGNED_OUT');
  refreshing ||= redeem({ grant_type: 'refresh_token', refresh_token: old }).finally(() => { refreshing = null; });
  await refreshing;
  return access;
}

// stale drops the token that was refused, so that the next ask gets a new one.
export function stale(refused) {
  if (access === refused) access = null;
}

export function forget() {
  access = null;
  session = '';
  sessionStorage.removeItem(refreshKey);
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

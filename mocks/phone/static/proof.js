// What shows that a request is this device's own (DPoP, RFC 9449): each carries
// a proof signed by a key that never leaves the browser. The key stands in
// IndexedDB, where scripts can use it and nobody can read it: all tabs have the
// one, and it survives a reload.

import { Fault, reach } from './fault.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const store = 'keys';
const text = new TextEncoder();

export const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// done gives what an IndexedDB request comes to.
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let device = null;

// key gives this device's key with its public half, as a proof carries it.
const key = () => (device ||= load().catch((e) => {
  device = null;
  reportError(e);
  throw new Fault('本浏览器不能保存登录密钥，请换一个浏览器，或关闭无痕模式。', 'NO_KEY');
}));

async function load() {
  const opening = indexedDB.open('tongban', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  const db = await done(opening);
  try {
    // Made before the transaction, which does not wait; the first tab to write wins.
    const fresh = await done(db.transaction(store).objectStore(store).get('device'))
      || await crypto.subtle.generateKey(algorithm, false, ['sign']);
    const keys = db.transaction(store, 'readwrite').objectStore(store);
    const pair = await done(keys.get('device')) || (await done(keys.put(fresh, 'device')), fresh);
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    return { sign: pair.privateKey, jwk: { kty, crv, x, y } };
  } finally {
    db.close();
  }
}

// skew is how far the product's clock is ahead of ours, in ms: phones' clocks
// are off, and a proof must be of the product's minute.
let skew = 0;

// heed sets our clock by an answer that no cache has kept.
export function heed(res) {
  const off = Date.parse(res.headers.get('Date')) - Date.now() - skew;
  if (Math.abs(off) > 5000) skew += off;
  return res;
}

async function prove(method, address, token, nonce) {
  const { sign, jwk } = await key();
  const claims = {
    jti: crypto.randomUUID(), htm: method, htu: new URL(address, location.href).href.split(/[?#]/)[0], iat: Math.floor((Date.now() + skew) / 1000),
    ...(nonce && { nonce }), ...(token && { ath: base64url(await crypto.subtle.digest('SHA-256', text.encode(token))) }),
  };
  const part = (value) => base64url(text.encode(JSON.stringify(value)));
  const input = part({ typ: 'dpop+jwt', alg: 'ES256', jwk }) + '.' + part(claims);
  return input + '.' + base64url(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, sign, text.encode(input)));
}

// send fetches with a proof, and with the token where there is one. A proof that
// was refused for its nonce or for our clock is made once more.
export async function send(address, options, token = '', how = reach) {
  const ask = async (nonce) => how(address, {
    ...options,
    headers: { ...options.headers, DPoP: await prove(options.method, address, token, nonce), ...(token && { Authorization: 'DPoP ' + token }) },
  });
  const by = skew;
  const res = heed(await ask());
  switch (await refusal(res)) {
    case 'use_dpop_nonce':
      return ask(res.headers.get('DPoP-Nonce'));
    case 'invalid_dpop_proof':
      return skew === by ? res : ask();
  }
  return res;
}

// refusal gives RFC 9449's word for what is wrong with a proof; '' for nothing.
async function refusal(res) {
  if (res.status === 401) return /error="(\w+)"/.exec(res.headers.get('WWW-Authenticate') || '')?.[1] || '';
  if (res.status !== 400) return '';
  return (await res.clone().json().catch(() => ({}))).error || '';
}

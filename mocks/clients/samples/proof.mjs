// How an app proves that a request is its own (DPoP, RFC 9449): with WebCrypto
// alone, so it runs in browsers, React Native and Node. docs/app-guide.md
// explains it.
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const bytes = new TextEncoder();

function b64(data) {
  const raw = typeof data === 'string' ? bytes.encode(data) : new Uint8Array(data);
  return btoa(String.fromCharCode(...raw)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

// makeKey gives a device's key. Keep it where scripts can use it and nobody can
// read it: in a browser, IndexedDB takes the CryptoKeyPair as it is.
export const makeKey = () => crypto.subtle.generateKey(algorithm, false, ['sign']);

// importKey gives the key of a private JWK, as tongban signin --key writes it.
export async function importKey({ d, ...jwk }) {
  return {
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk, d }, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']),
  };
}

// prove signs a proof for one request: method and address without its query,
// with the token it goes with and the server's nonce, where there are such.
export async function prove(key, { method, url, token, nonce }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  const claims = { jti: crypto.randomUUID(), htm: method, htu: url.split(/[?#]/)[0], iat: Math.floor(Date.now() / 1000) };
  if (token) claims.ath = b64(await crypto.subtle.digest('SHA-256', bytes.encode(token)));
  if (nonce) claims.nonce = nonce;
  const input = `${b64(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }))}.${b64(JSON.stringify(claims))}`;
  return `${input}.${b64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, bytes.encode(input)))}`;
}

// proving gives a fetch that proves the key at each request with the token that
// token() gives, and once more where the server wants its nonce in the proof.
export function proving(key, token, fetch = globalThis.fetch) {
  return async function proved(url, init = {}) {
    const access = token();
    const ask = async (nonce) => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `DPoP ${access}`);
      headers.set('dpop', await prove(key, { method: init.method ?? 'GET', url: String(url), token: access, nonce }));
      return fetch(url, { ...init, headers });
    };
    const answer = await ask();
    const wanted = answer.status === 401 && /use_dpop_nonce/.test(answer.headers.get('www-authenticate') ?? '');
    return wanted ? ask(answer.headers.get('dpop-nonce')) : answer;
  };
}

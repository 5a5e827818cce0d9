// An officer's device in plain Node: no package needed. docs/verifier.md walks through it.
//   node officer.mjs key ID                        makes ID.key.json and prints what the operator registers
//   node officer.mjs rights ISSUER ID              what the organisation may check for
//   node officer.mjs check ISSUER ID CODE PURPOSE [FIELD…]   redeems a code; waits where the holder is asked first
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const b64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const jwkOf = (id) => JSON.parse(readFileSync(`${id}.key.json`));
const seconds = () => Math.floor((Number(process.env.OFFICER_NOW) || Date.now()) / 1000); // a clock of its own is for tests

// jws signs claims by the device's key.
function jws(id, header, claims) {
  const key = createPrivateKey({ key: jwkOf(id), format: 'jwk' });
  const input = `${b64({ alg: 'ES256', ...header })}.${b64({ jti: randomUUID(), iat: seconds(), ...claims })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

// assertion signs who the device is (RFC 7523): it works once, for a minute.
const assertion = (id, issuer) => jws(id, { typ: 'JWT', kid: id }, { iss: id, sub: id, aud: issuer, exp: seconds() + 60 });

// proof shows that a request is the device's own (RFC 9449): it is good once, for this request.
function proof(id, htu, token, nonce) {
  const { kty, crv, x, y } = jwkOf(id);
  const ath = token && createHash('sha256').update(token).digest('base64url');
  return jws(id, { typ: 'dpop+jwt', jwk: { kty, crv, x, y } }, { htm: 'POST', htu, ath, nonce });
}

// post asks with a proof, and once more where the answer wants its nonce in it.
async function post(id, at, { token, ...init }) {
  const ask = (nonce) => fetch(at, { method: 'POST', ...init,
    headers: { ...init.headers, dpop: proof(id, at, token, nonce), ...(token && { authorization: `DPoP ${token}` }) } });
  const res = await ask();
  const body = await res.clone().json();
  const wanted = body.error === 'use_dpop_nonce' || body.errors?.[0].extensions.code === 'DPOP_NONCE_REQUIRED';
  return wanted ? ask(res.headers.get('dpop-nonce')) : res;
}

// token asks for an access token of the verifier front (RFC 6749 §4.4). It lives ten minutes at most.
async function token(id, issuer) {
  const { token_endpoint: at } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const res = await post(id, at, { body: new URLSearchParams({
    grant_type: 'client_credentials', client_id: id, client_assertion: assertion(id, issuer),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }) });
  const body = await res.json();
  if (!res.ok) throw new Error(`${res.status} ${body.error}: ${body.error_description ?? ''}`);
  return body.access_token;
}

// The documents are those that the front has from the start: production runs no others but registered ones.
const documents = new URL('../../bff/verifier/operations/', import.meta.url);
async function ask(issuer, id, token, name, variables) {
  const res = await post(id, `${issuer}/verifier/graphql`, {
    token, headers: { 'content-type': 'application/json', 'accept-language': 'en' },
    body: JSON.stringify({ query: readFileSync(new URL(`${name}.graphql`, documents), 'utf8'), variables }),
  });
  const { data, errors } = await res.json();
  if (errors) throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`);
  return data;
}

const [what, ...rest] = process.argv.slice(2);
try {
  if (what === 'key') {
    const [id] = rest;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(`${id}.key.json`, JSON.stringify(privateKey.export({ format: 'jwk' })), { mode: 0o600 });
    const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
    console.log(JSON.stringify({ id, jwk: { kty, crv, x, y, alg: 'ES256', use: 'sig', kid: id } }));
  } else if (what === 'rights') {
    const [issuer, id] = rest;
    console.log(JSON.stringify((await ask(issuer, id, await token(id, issuer), 'Verifier', {})).verifier));
  } else if (what === 'check') {
    const [issuer, id, code, purpose, ...fields] = rest;
    const held = await token(id, issuer);
    let { check: { check } } = await ask(issuer, id, held, 'Check', { input: { code, purpose, ...(fields.length && { fields }) } });
    while (check.state === 'WAITING' || check.state === 'APPROVED') {
      await new Promise((next) => setTimeout(next, 1000));
      ({ checkResult: check } = await ask(issuer, id, held, 'CheckResult', { id: check.id }));
    }
    console.log(JSON.stringify(check));
  } else {
    throw new Error('key, rights or check');
  }
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
}

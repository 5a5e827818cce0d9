// An officer's device in plain Node: no package needed. docs/verifier.md walks through it.
//   node officer.mjs key ID                        makes ID.key.json and prints what the operator registers
//   node officer.mjs rights ISSUER ID              what the organisation may check for
//   node officer.mjs check ISSUER ID CODE PURPOSE [FIELD…]   redeems a code; waits where the holder is asked first
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const b64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// assertion signs who the device is (RFC 7523): it works once, for a minute.
function assertion(id, issuer) {
  const key = createPrivateKey({ key: JSON.parse(readFileSync(`${id}.key.json`)), format: 'jwk' });
  const now = Math.floor((Number(process.env.OFFICER_NOW) || Date.now()) / 1000); // a clock of its own is for tests
  const input = `${b64({ alg: 'ES256', typ: 'JWT', kid: id })}.${b64({ iss: id, sub: id, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

// token asks for an access token of the verifier front (RFC 6749 §4.4). It lives ten minutes at most.
async function token(id, issuer) {
  const { token_endpoint: at } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const res = await fetch(at, { method: 'POST', body: new URLSearchParams({
    grant_type: 'client_credentials', client_id: id, client_assertion: assertion(id, issuer),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }) });
  const body = await res.json();
  if (!res.ok) throw new Error(`${res.status} ${body.error}: ${body.error_description ?? ''}`);
  return body.access_token;
}

// The documents are those that the front has from the start: production runs no others but registered ones.
const documents = new URL('../../bff/verifier/operations/', import.meta.url);
async function ask(issuer, bearer, name, variables) {
  const res = await fetch(`${issuer}/verifier/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}`, 'accept-language': 'en' },
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
    console.log(JSON.stringify((await ask(issuer, await token(id, issuer), 'Verifier', {})).verifier));
  } else if (what === 'check') {
    const [issuer, id, code, purpose, ...fields] = rest;
    const bearer = await token(id, issuer);
    let { check: { check } } = await ask(issuer, bearer, 'Check', { input: { code, purpose, ...(fields.length && { fields }) } });
    while (check.state === 'WAITING' || check.state === 'APPROVED') {
      await new Promise((next) => setTimeout(next, 1000));
      ({ checkResult: check } = await ask(issuer, bearer, 'CheckResult', { id: check.id }));
    }
    console.log(JSON.stringify(check));
  } else {
    throw new Error('key, rights or check');
  }
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
}

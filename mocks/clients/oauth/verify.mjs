// What npm's jose says of our tokens and keys, held to one algorithm, one
// type, one issuer and one audience each.
import assert from 'node:assert/strict';
import * as jose from 'jose';

const required = ['iss', 'aud', 'sub', 'exp', 'iat', 'jti', 'client_id', 'scope', 'sid', 'gov_level'];

// keySet gives the published keys, after a look at the document itself.
export async function keySet(as) {
  const { keys } = await (await fetch(as.jwks_uri)).json();
  assert.ok(keys.length >= 2, 'one key for our fronts, one for others');
  assert.equal(new Set(keys.map((k) => k.kid)).size, keys.length, 'two keys of one kid');
  for (const key of keys) {
    assert.ok(key.kid && key.alg && key.use === 'sig', `a key says too little of itself: ${Object.keys(key)}`);
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) assert.ok(!(member in key), `a private member: ${member}`);
    await jose.importJWK(key, key.alg);
  }
  return jose.createLocalJWKSet({ keys });
}

// accessToken verifies one: alg is EdDSA at our fronts, ES256 elsewhere; keys
// are those that its holder proves with.
export async function accessToken(token, { as, set, alg, audience, client, keys, life }) {
  const rules = { issuer: as.issuer, audience, typ: 'at+jwt', algorithms: [alg], requiredClaims: required };
  const { payload, protectedHeader } = await jose.jwtVerify(token, set, rules);
  assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid', 'typ']);
  assert.equal(payload.aud, audience, 'one audience, as a string');
  assert.equal(payload.client_id, client);
  assert.equal(payload.cnf?.jkt, await jose.calculateJwkThumbprint(await jose.exportJWK(keys.publicKey)));
  assert.ok(payload.exp - payload.iat <= life, `it lives ${payload.exp - payload.iat} s`);
  for (const personal of ['name', 'phone_number', 'id_number', 'auth_time']) assert.ok(!(personal in payload), `it tells ${personal}`);
  const other = alg === 'ES256' ? 'EdDSA' : 'ES256';
  await assert.rejects(jose.jwtVerify(token, set, { ...rules, algorithms: [other] }), { code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
  await assert.rejects(jose.jwtVerify(token, set, { ...rules, typ: 'JWT' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
  return payload;
}

// idToken verifies one.
export async function idToken(token, { as, set, client, nonce, life }) {
  const { payload } = await jose.jwtVerify(token, set, {
    issuer: as.issuer, audience: client, typ: 'JWT', algorithms: ['ES256'], requiredClaims: ['exp', 'iat', 'sub', 'sid', 'nonce', 'gov_level'],
  });
  assert.equal(payload.nonce, nonce);
  assert.ok(payload.exp - payload.iat <= life, `it lives ${payload.exp - payload.iat} s`);
  return payload;
}

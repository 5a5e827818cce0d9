// A mini-app's back end at the token endpoints, by somebody else's library:
//
//   node --import ./oauth/clock.mjs oauth/backend.mjs openid-client|oauth4webapi
//
// It reads one line of config: {issuer, client_id, redirect_uri, jwk, kid, port,
// scope, document}, and asks for "launch" (the address that the platform opens
// for the person), "foreign" (another app's launch and token), "later" and
// "withdraw". The web view is a small browser with a cookie jar.
import assert from 'node:assert/strict';
import { serve } from './app.mjs';
import { config, done, later, refused, step, want } from './steps.mjs';
import { accessToken, idToken, keySet } from './verify.mjs';

const library = await import(`./${process.argv[2]}.mjs`);
const { issuer, client_id, redirect_uri, scope } = config;
const front = `${issuer}/miniprogram`;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

const keys = await library.randomKeys();
const app = await library.connect(config, keys);
const set = await keySet(app.as);

const { opened, launched } = await serve({ config, library, client: app });

const verified = (token, { audience = client_id, holder = keys, life = 60 } = {}) =>
  accessToken(token, { as: app.as, set, alg: 'ES256', audience, client: client_id, keys: holder, life });
const exchange = (client, token, more) =>
  client.grant(exchangeGrant, { subject_token: token, subject_token_type: accessTokenType, resource: front, ...more });

let tokens = await step('the platform opens the app, and the app has tokens, without a page', async () => {
  const { callback, secrets } = await opened();
  assert.equal(callback.searchParams.get('iss'), issuer);
  const got = await app.redeem(callback, secrets);
  assert.equal(got.token_type, 'dpop');
  return { ...got, sub: got.claims().sub, nonce: secrets.nonce };
});

await step('jose verifies access token and ID token by the published keys', async () => {
  const access = await verified(tokens.access_token);
  const id = await idToken(tokens.id_token, { as: app.as, set, client: client_id, nonce: tokens.nonce, life: 60 });
  assert.equal(access.sub, id.sub);
  assert.equal(access.sub, tokens.sub);
});

await step('userinfo tells what was agreed to, and nothing else', async () => {
  const info = await app.userinfo(tokens.access_token, tokens.sub);
  assert.deepEqual(Object.keys(info).sort(), ['gov_level', 'name', 'sub']);
});

await step('introspection knows the token', async () => {
  const told = await app.introspect(tokens.access_token);
  assert.deepEqual([told.active, told.token_type, told.client_id, told.sub], [true, 'DPoP', client_id, tokens.sub]);
  assert.ok(told.cnf.jkt);
});

await step('the refresh token gives new access tokens and stays as it is', async () => {
  for (let i = 0; i < 2; i++) {
    const next = await app.refresh(tokens.refresh_token);
    assert.equal(next.refresh_token, undefined);
    assert.equal((await verified(next.access_token)).sub, tokens.sub);
    await app.userinfo(next.access_token, tokens.sub);
  }
});

await step('the token is exchanged for one of our front, of less scope', async () => {
  const got = await exchange(app, tokens.access_token, { scope: 'openid' });
  assert.equal(got.issued_token_type, accessTokenType);
  const claims = await verified(got.access_token, { audience: front });
  assert.deepEqual([claims.sub, claims.scope], [tokens.sub, 'openid']);
  await refused(() => app.userinfo(got.access_token, tokens.sub), 'invalid_token', 401);
});

await step('the exchanged token and a proof open our front', async () => {
  const { access_token } = await exchange(app, tokens.access_token);
  const res = await app.post(access_token, `${front}/graphql`, { query: config.document });
  const { data, errors } = await res.json();
  assert.deepEqual([res.status, errors], [200, undefined]);
  assert.equal(data.visitor.id, tokens.sub);
});

await step('a person has one name at one app, whenever they come', async () => {
  const again = await launched();
  assert.equal(again.claims().sub, tokens.sub);
});

await step('a nonce that is too old is asked for anew, and the library asks again', async () => {
  const before = app.nonces.asked;
  await later(200);
  await app.refresh(tokens.refresh_token);
  assert.equal(app.nonces.asked, before + 1);
});

await step('a short token is worth nothing after a minute', async () => {
  await refused(() => app.userinfo(tokens.access_token, tokens.sub), 'invalid_token', 401);
  tokens.access_token = (await app.refresh(tokens.refresh_token)).access_token;
});

await step('a handle is good once, for a minute, for one app', async () => {
  const { url } = await want('launch');
  await opened({ address: url });
  await refused(() => opened({ address: url }), 'invalid_request', 400);
  const { url: late } = await want('launch');
  await later(61);
  await refused(() => opened({ address: late }), 'invalid_request', 400);
  const { url: own } = await want('launch');
  const foreign = new URL(own);
  foreign.searchParams.set('login_hint', (await want('foreign')).hint);
  await refused(() => opened({ address: foreign }), 'invalid_request', 400);
});

await step('a code is good once, and what it gave ends with the second use', async () => {
  const { callback, secrets } = await opened();
  const got = await app.redeem(callback, secrets);
  await refused(() => app.redeem(callback, secrets), 'invalid_grant', 400);
  assert.deepEqual(await app.introspect(got.access_token), { active: false });
  await refused(() => app.refresh(got.refresh_token), 'invalid_grant', 400);
});

await step('a code is for the key that asked for it', async () => {
  const { callback, secrets } = await opened();
  const other = await library.connect(config, await library.randomKeys());
  await refused(() => other.redeem(callback, secrets), 'invalid_grant', 400);
  await app.redeem(callback, secrets);
});

await step('a proof is good once, and of the key that the token is bound to', async () => {
  tokens = { ...tokens, ...(await launched()) };
  const repeating = await library.connect(config, keys, { proof: (_, claims) => { claims.jti = 'always-the-same'; } });
  await repeating.userinfo(tokens.access_token, tokens.sub);
  await refused(() => repeating.userinfo(tokens.access_token, tokens.sub), 'invalid_dpop_proof', 401);
  const thief = await library.connect(config, await library.randomKeys());
  await refused(() => thief.userinfo(tokens.access_token, tokens.sub), 'invalid_dpop_proof', 401);
});

await step('a bound token is no bearer token', async () => {
  const res = await fetch(app.as.userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(res.status, 401);
  assert.match(res.headers.get('www-authenticate'), /^DPoP .*error="invalid_token"/);
});

const seconds = () => Math.floor(Date.now() / 1000);
for (const [what, spoil] of Object.entries({
  'used before': (_, claims) => { claims.jti = 'always-the-same'; },
  'for the token URL': (_, claims) => { claims.aud = app.as.token_endpoint; },
  'for a list': (_, claims) => { claims.aud = [issuer]; },
  'for three minutes': (_, claims) => { claims.exp = seconds() + 180; },
  'of another app': (_, claims) => { claims.iss = claims.sub = 'cn.gov.demo.p41'; },
  'by an unknown key': (header) => { header.kid = 'another'; },
})) {
  await step(`an assertion ${what} is refused`, async () => {
    const spoilt = await library.connect(config, keys, { assertion: spoil });
    if (what === 'used before') await spoilt.introspect(tokens.access_token);
    await refused(() => spoilt.introspect(tokens.access_token), 'invalid_client', 401);
  });
}

for (const [what, params, error] of [
  ['a scope outside the manifest', { scope: `${scope} id_number` }, 'invalid_scope'],
  ['a request without prompt=none', { prompt: 'login' }, 'invalid_request'],
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a redirect with a slash more', { redirect_uri: `${redirect_uri}/` }, 'invalid_request'],
  ['a redirect with a query', { redirect_uri: `${redirect_uri}?x` }, 'invalid_request'],
  ['a resource of somebody else', { resource: 'https://elsewhere.example' }, 'invalid_target'],
]) {
  await step(`${what} is refused`, () => refused(() => opened({ params }), error, 400));
}

await step('an exchange is for own tokens and never for more', async () => {
  const { token: foreign } = await want('foreign');
  await refused(() => exchange(app, foreign), 'invalid_request', 400);
  await refused(() => exchange(app, tokens.id_token), 'invalid_request', 400);
  await refused(() => exchange(app, tokens.access_token, { scope: `${scope} id_number` }), 'invalid_scope', 400);
  await refused(() => exchange(app, tokens.access_token, { resource: `${issuer}/mobile` }), 'invalid_target', 400);
  await refused(() => exchange(app, tokens.access_token, { actor_token: tokens.access_token, actor_token_type: accessTokenType }), 'invalid_request', 400);
  assert.deepEqual(await app.introspect(foreign), { active: false });
});

await step('who revokes has revoked', async () => {
  const one = await launched();
  await app.revoke(one.access_token);
  await refused(() => app.userinfo(one.access_token, tokens.sub), 'invalid_token', 401);
  await refused(() => app.refresh(one.refresh_token), 'invalid_grant', 400);
  const two = await launched();
  await app.revoke(two.refresh_token);
  assert.deepEqual(await app.introspect(two.access_token), { active: false });
  assert.equal((await app.introspect(tokens.access_token)).active, true, 'another launch ended too');
});

await step('a consent withdrawn ends the tokens, and the app is not opened', async () => {
  const { url: address } = await want('launch');
  await want('withdraw');
  await refused(() => app.userinfo(tokens.access_token, tokens.sub), 'invalid_token', 401);
  await refused(() => app.refresh(tokens.refresh_token), 'invalid_grant', 400);
  await refused(() => exchange(app, tokens.access_token), 'invalid_request', 400);
  assert.deepEqual(await app.introspect(tokens.access_token), { active: false });
  await refused(() => launched({ address }), 'consent_required');
});

done();

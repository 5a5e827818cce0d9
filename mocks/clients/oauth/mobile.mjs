// A mobile app's whole life at the token endpoints, by somebody else's library:
//
//   node --import ./oauth/clock.mjs oauth/mobile.mjs openid-client|oauth4webapi
//
// It reads one line of config: {issuer, client_id, redirect_uri, person,
// document}, and asks for "later" and "mandate" (one for the person whose sub
// it names). The app is a public client; its key is the
// device's. The browser is a small one that chooses person at the source.
import assert from 'node:assert/strict';
import { Browser } from './browser.mjs';
import { config, done, later, refused, step, want } from './steps.mjs';
import { accessToken, keySet } from './verify.mjs';

const library = await import(`./${process.argv[2]}.mjs`);
const { issuer, client_id, redirect_uri } = config;
const keys = await library.randomKeys();
const app = await library.connect(config, keys);
const set = await keySet(app.as);

// asked is what the app asks for, with the secrets of one sign-in.
async function asked(secrets) {
  return {
    redirect_uri, scope: 'mobile', state: secrets.state,
    code_challenge: await library.challengeOf(secrets.verifier), code_challenge_method: 'S256',
  };
}

// begun goes by the browser and comes back with a code.
async function begun(client = app) {
  const secrets = { ...library.secrets(), nonce: undefined };
  const browser = new Browser([redirect_uri]);
  const page = await browser.open(await client.push(await asked(secrets)));
  const { url } = await browser.choose(page, 'person', config.person);
  return { url, secrets };
}

async function signedIn(client = app) {
  const { url, secrets } = await begun(client);
  return client.redeem(url, secrets);
}

const verified = (tokens) =>
  accessToken(tokens.access_token, { as: app.as, set, alg: 'EdDSA', audience: `${issuer}/mobile`, client: client_id, keys, life: 600 });

await step('discovery tells what a client may do', () => {
  assert.equal(app.as.issuer, issuer);
  assert.deepEqual(app.as.code_challenge_methods_supported, ['S256']);
  assert.ok(app.as.dpop_signing_alg_values_supported.includes('ES256'));
  assert.ok(app.as.introspection_endpoint_auth_methods_supported.includes('DPoP'));
  assert.equal(app.as.authorization_response_iss_parameter_supported, true);
  assert.ok(!app.as.grant_types_supported.some((g) => ['implicit', 'password'].includes(g)));
});

let tokens = await step('a pushed request, the source, a code with iss, tokens', async () => {
  const { url, secrets } = await begun();
  assert.equal(url.searchParams.get('iss'), issuer);
  const got = await app.redeem(url, secrets);
  assert.equal(got.token_type, 'dpop');
  assert.equal(got.id_token, undefined);
  // Where everything must be pushed, the very first proof is asked for a nonce.
  assert.equal(app.nonces.asked, app.as.require_pushed_authorization_requests ? 1 : 0);
  return got;
});

await step('jose verifies the access token by the published keys', () => verified(tokens));

await step('a call of the front with a proof', async () => {
  const res = await app.post(tokens.access_token, `${issuer}/mobile/graphql`, { query: config.document });
  const { data, errors } = await res.json();
  assert.deepEqual([res.status, errors], [200, undefined]);
  assert.ok(data.me.id);
});

await step('introspection knows the token, and whose it is', async () => {
  const told = await app.introspectBy(tokens.access_token, tokens.access_token);
  const claims = await verified(tokens);
  assert.deepEqual([told.active, told.token_type, told.client_id, told.sub, told.cnf], [true, 'DPoP', client_id, claims.sub, claims.cnf]);
  const other = await signedIn(await library.connect(config, await library.randomKeys()));
  assert.deepEqual(await app.introspectBy(tokens.access_token, other.access_token), { active: false });
  const thief = await library.connect(config, await library.randomKeys());
  await refused(() => thief.introspectBy(tokens.access_token, tokens.access_token), 'invalid_dpop_proof', 401);
});

await step('by a mandate the person acts for another, and no deeper', async () => {
  const own = await verified(tokens);
  const { mandate, principal } = await want('mandate', own.sub);
  const act = (actor) => app.grant('urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: mandate, subject_token_type: 'urn:tongban:params:oauth:token-type:mandate',
    actor_token: actor, actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
  const got = await act(tokens.access_token);
  assert.equal(got.refresh_token, undefined);
  const claims = await verified(got);
  assert.deepEqual([claims.sub, claims.act, claims.gov_mandate, claims.sid], [principal, { sub: own.sub }, mandate, own.sid]);
  await refused(() => act(got.access_token), 'invalid_request', 400);
});

await step('a nonce that is too old is asked for anew, and the library asks again', async () => {
  const before = app.nonces.asked;
  await later(200);
  tokens = await app.refresh(tokens.refresh_token);
  assert.equal(app.nonces.asked, before + 1);
});

await step('each refresh gives another refresh token', async () => {
  const next = await app.refresh(tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  await verified(next);
  tokens = { ...next, old: tokens.refresh_token };
});

await step('another device can do nothing with the refresh token', async () => {
  const thief = await library.connect(config, await library.randomKeys());
  await refused(() => thief.refresh(tokens.refresh_token), 'invalid_grant', 400);
  const next = await app.refresh(tokens.refresh_token);
  tokens = { ...next, old: tokens.refresh_token };
});

await step('a refresh token used twice ends the sign-in', async () => {
  await refused(() => app.refresh(tokens.old), 'invalid_grant', 400);
  await refused(() => app.refresh(tokens.refresh_token), 'invalid_grant', 400);
});

await step('revoking ends the sign-in', async () => {
  const again = await signedIn();
  await app.revoke(again.refresh_token);
  await refused(() => app.introspectBy(again.access_token, again.access_token), 'invalid_token', 401);
  await refused(() => app.refresh(again.refresh_token), 'invalid_grant', 400);
});

await step('a code is good once, and what it gave ends with the second use', async () => {
  const { url, secrets } = await begun();
  const first = await app.redeem(url, secrets);
  await refused(() => app.redeem(url, secrets), 'invalid_grant', 400);
  await refused(() => app.refresh(first.refresh_token), 'invalid_grant', 400);
});

await step('a code is for the key that asked for it, and for its verifier', async () => {
  const { url, secrets } = await begun();
  const thief = await library.connect(config, await library.randomKeys());
  await refused(() => thief.redeem(url, secrets), 'invalid_grant', 400);
  await refused(() => app.redeem(url, { ...secrets, verifier: library.secrets().verifier }), 'invalid_grant', 400);
  await app.redeem(url, secrets);
});

await step('a code is worth nothing at 61 s', async () => {
  const { url, secrets } = await begun();
  await later(61);
  await refused(() => app.redeem(url, secrets), 'invalid_grant', 400);
});

for (const [what, spoil] of Object.entries({
  'used before': (_, claims) => { claims.jti = 'always-the-same'; },
  'of 61 s ago': (_, claims) => { claims.iat -= 61; },
  'of 61 s hence': (_, claims) => { claims.iat += 61; },
  'for another address': (_, claims) => { claims.htu += '/'; },
  'for another method': (_, claims) => { claims.htm = 'GET'; },
  'of another type': (header) => { header.typ = 'JWT'; },
  'whose key tells its private half': (header) => { header.jwk = { ...header.jwk, d: 'AAAA' }; },
})) {
  await step(`a proof ${what} is refused`, async () => {
    const spoilt = await library.connect(config, keys, { proof: spoil });
    if (what === 'used before') await spoilt.push(await asked(library.secrets()));
    await refused(async () => spoilt.push(await asked(library.secrets())), 'invalid_dpop_proof', 400);
  });
}

for (const [what, change, error] of [
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['another scope', { scope: 'mobile openid' }, 'invalid_scope'],
  ['a redirect with a slash more', { redirect_uri: `${redirect_uri}/` }, 'invalid_request'],
  ['a redirect with a query', { redirect_uri: `${redirect_uri}?x` }, 'invalid_request'],
  ['a token at once', { response_type: 'token' }, 'unsupported_response_type'],
]) {
  await step(`${what} is refused at once`, async () => {
    await refused(async () => app.push({ ...(await asked(library.secrets())), ...change }), error, 400);
  });
}

await step('a pushed request is good once', async () => {
  const to = await app.push(await asked(library.secrets()));
  assert.equal((await new Browser().open(to)).status, 200);
  assert.equal((await new Browser().open(to)).status, 400);
});

done();

// A mini-app's back end, made of openid-client and jose alone: what a team
// that plugs in would write. It is started by a third party (OpenID Connect
// Core §4), pushes its request (RFC 9126), proves with a key of its own at each
// call (DPoP, RFC 9449), and never shows a page of its own.
//
//   node launch.mjs < config.json      (or LAUNCH_CONFIG='{…}' node launch.mjs)
//
// config: {
//   "issuer": "http://127.0.0.1:8080", "client_id": "cn.gov.demo.p41",
//   "jwk": {private JWK, ES256}, "kid": "k1",
//   "port": 9041, "redirect_uri": "http://127.0.0.1:9041/app/callback",
//   "scope": "openid profile",          optional, default "openid"
//   "resource": "https://…",            optional, RFC 8707
//   "audience": "cn.gov.demo.p41"       optional, default resource or client_id
// }
//
// Prints {"ready":true,"port":…} once it listens, then one line of JSON per
// launch: names of claims and the pairwise sub, no other value of a person.
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import http from 'node:http';
import * as jose from 'jose';
import * as oidc from 'openid-client';

// How long a person may take between /app/login and /app/callback. Our
// choice, above the minute for which the handle and the code live.
const pendingMs = 120_000;

const config = readConfig(process.env.LAUNCH_CONFIG ?? (await text(process.stdin)));
const pending = new Map(); // by the cookie: what must come back
let launches = 0;
const proving = await oidc.randomDPoPKeyPair('ES256'); // the key that its tokens are bound to
let provider; // discovered at the first launch, so that either side may start first

const server = http.createServer((req, res) => {
  route(req, res).catch((err) => {
    answer(res, 500, 'internal_error');
    console.error(err.stack);
  });
});
server.listen(config.port, '127.0.0.1', () => {
  const { port } = server.address();
  config.redirect_uri ??= `http://127.0.0.1:${port}/app/callback`;
  print({ ready: true, port });
});

function readConfig(json) {
  const c = JSON.parse(json);
  for (const name of ['issuer', 'client_id', 'jwk', 'kid']) {
    if (!c[name]) throw new Error(`config lacks ${name}`);
  }
  return { port: 0, scope: 'openid', audience: c.resource ?? c.client_id, ...c };
}

async function route(req, res) {
  const url = new URL(req.url, config.redirect_uri);
  if (req.method !== 'GET') return answer(res, 405, 'method_not_allowed');
  if (url.pathname === '/app/login') return login(url, res);
  if (url.pathname === '/app/callback') return callback(url, req, res);
  return answer(res, 404, 'not_found');
}

// login begins a launch: iss and login_hint come from the app that opens us.
async function login(url, res) {
  const launch = ++launches;
  const hint = url.searchParams.get('login_hint');
  if (url.searchParams.get('iss') !== config.issuer || !hint) {
    return fail(res, launch, 'login', 400, { error: 'wrong_initiation' });
  }
  const attempt = {
    launch,
    verifier: oidc.randomPKCECodeVerifier(),
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    until: Date.now() + pendingMs,
  };
  let to;
  try {
    const { as, DPoP } = await discovered();
    to = await oidc.buildAuthorizationUrlWithPAR(as, {
      redirect_uri: config.redirect_uri,
      scope: config.scope,
      prompt: 'none',
      login_hint: hint,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      ...(config.resource && { resource: config.resource }),
    }, { DPoP });
  } catch (err) {
    return fail(res, launch, 'par', 502, err);
  }
  const cookie = randomUUID();
  forgetLapsed();
  pending.set(cookie, attempt);
  res.setHeader('set-cookie', `launch=${cookie}; HttpOnly; SameSite=Lax; Path=/app; Max-Age=${pendingMs / 1000}`);
  res.writeHead(303, { location: to.href, 'cache-control': 'no-store' }).end();
}

// callback ends it. The cookie binds it to the browser that began it.
async function callback(url, req, res) {
  const cookie = /(?:^|;\s*)launch=([0-9a-f-]+)/.exec(req.headers.cookie ?? '')?.[1];
  const attempt = pending.get(cookie);
  pending.delete(cookie);
  if (!attempt || attempt.until < Date.now()) {
    return fail(res, 0, 'callback', 400, { error: 'no_launch_under_way' });
  }
  let step = 'code';
  try {
    const { as, DPoP } = await discovered();
    const tokens = await oidc.authorizationCodeGrant(
      as,
      url,
      { pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce, idTokenExpected: true },
      config.resource ? { resource: config.resource } : undefined,
      { DPoP },
    );
    const { sub } = tokens.claims();
    step = 'userinfo';
    const info = await oidc.fetchUserInfo(as, tokens.access_token, sub, { DPoP });
    step = 'verify';
    const verified = await verify(as.serverMetadata(), tokens);
    print({ launch: attempt.launch, ok: true, sub, userinfo: names(info), expires_in: tokens.expires_in, ...verified });
  } catch (err) {
    return fail(res, attempt.launch, step, 502, err);
  }
  answer(res, 200, '已进入应用');
}

// verify reads both tokens as the team's own API would: by the published keys.
async function verify(as, tokens) {
  const keys = jose.createRemoteJWKSet(new URL(as.jwks_uri));
  const rules = { issuer: as.issuer, algorithms: ['ES256'] };
  const access = await jose.jwtVerify(tokens.access_token, keys, {
    ...rules, audience: config.audience, typ: 'at+jwt', requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
  });
  const id = await jose.jwtVerify(tokens.id_token, keys, { ...rules, audience: config.client_id });
  if (access.payload.sub !== id.payload.sub) throw Object.assign(new Error('two subjects'), { code: 'sub_mismatch' });
  return {
    access_token: { aud: access.payload.aud, lifetime: access.payload.exp - access.payload.iat, claims: names(access.payload) },
    id_token: { aud: id.payload.aud, claims: names(id.payload) },
  };
}

async function discovered() {
  provider ??= discover();
  try {
    return await provider;
  } catch (err) {
    provider = undefined; // the next launch asks again
    throw err;
  }
}

async function discover() {
  const key = await jose.importJWK(config.jwk, 'ES256');
  const as = await oidc.discovery(
    new URL(config.issuer),
    config.client_id,
    { redirect_uris: [config.redirect_uri], id_token_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key, kid: config.kid }),
    // Everything here is on this machine's loopback.
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  return { as, DPoP: oidc.getDPoPHandle(as, proving) };
}

function fail(res, launch, step, status, err) {
  // A description could quote a person: only codes are printed.
  const error = err.error ?? err.cause?.error ?? err.cause?.code ?? err.code ?? err.name;
  print({ launch, ok: false, step, error, ...(err.status && { status: err.status }) });
  answer(res, status, error);
}

function answer(res, status, words) {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(`<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>小程序(示例)</title><p>${html(words)}</p></html>`);
}

function html(words) {
  return String(words).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function forgetLapsed() {
  for (const [cookie, attempt] of pending) {
    if (attempt.until < Date.now()) pending.delete(cookie);
  }
}

function names(claims) {
  return Object.keys(claims).sort();
}

function print(line) {
  console.log(JSON.stringify(line));
}

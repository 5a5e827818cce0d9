import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as jose from 'jose';
import { startProvider } from './provider.mjs';

const clientId = 'cn.gov.demo.p41';
let provider, app, lines, base;

before(async () => {
  const keys = await jose.generateKeyPair('ES256', { extractable: true });
  provider = await startProvider({ clientId, clientKey: keys.publicKey });
  app = spawn(process.execPath, [fileURLToPath(new URL('../launch.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  app.stdin.end(JSON.stringify({ issuer: provider.issuer, client_id: clientId, jwk: await jose.exportJWK(keys.privateKey), kid: 'c1' }));
  lines = createInterface(app.stdout)[Symbol.asyncIterator]();
  const ready = await outcome();
  assert.equal(ready.ready, true);
  base = `http://127.0.0.1:${ready.port}`;
});

after(() => {
  app.kill();
  provider.close();
});

beforeEach(() => {
  Object.assign(provider, { lie: '', refuse: '' });
});

async function outcome() {
  return JSON.parse((await lines.next()).value);
}

// open goes where the app's web view would go, cookie included, and gives the
// line that the back end prints.
async function open({ hint = 'handle', withCookie = true } = {}) {
  provider.hints.add('handle');
  let url = `${base}/app/login?${new URLSearchParams({ iss: provider.issuer, login_hint: hint })}`;
  let cookie = '';
  for (;;) {
    const res = await fetch(url, { redirect: 'manual', headers: withCookie && url.startsWith(base) ? { cookie } : {} });
    cookie = res.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const to = res.headers.get('location');
    if (!to) return { status: res.status, line: await outcome() };
    url = to;
  }
}

test('a launch ends with verified tokens and no page in between', async () => {
  const { status, line } = await open();
  assert.equal(status, 200);
  assert.equal(line.ok, true);
  assert.equal(line.sub, 'pairwise-1');
  assert.deepEqual(line.userinfo, ['name', 'sub']);
  assert.equal(line.access_token.aud, clientId);
  assert.equal(line.access_token.lifetime, 60);
  assert.ok(line.access_token.claims.includes('cnf'));
  assert.ok(!JSON.stringify(line).includes('某人'), 'a personal value was printed');
  for (const name of ['prompt', 'login_hint', 'code_challenge', 'client_assertion', 'nonce', 'state']) {
    assert.ok(provider.seen.includes(name), `PAR lacks ${name}`);
  }
});

test('a handle that is not known is refused at PAR', async () => {
  const { status, line } = await open({ hint: 'used' });
  assert.equal(status, 502);
  assert.deepEqual({ ok: line.ok, step: line.step, error: line.error }, { ok: false, step: 'par', error: 'login_required' });
});

test('a refusal of authorize is told by its code', async () => {
  provider.refuse = 'consent_required';
  const { line } = await open();
  assert.deepEqual({ ok: line.ok, step: line.step, error: line.error }, { ok: false, step: 'code', error: 'consent_required' });
});

for (const [lie, step] of [['iss', 'code'], ['nonce', 'code'], ['userinfo', 'userinfo'], ['signature', 'code'], ['audience', 'verify']]) {
  test(`a lie about ${lie} is noticed at ${step}`, async () => {
    provider.lie = lie;
    const { line } = await open();
    assert.deepEqual({ ok: line.ok, step: line.step }, { ok: false, step });
  });
}

test('a browser that did not begin the launch may not end it', async () => {
  const { status, line } = await open({ withCookie: false });
  assert.equal(status, 400);
  assert.equal(line.error, 'no_launch_under_way');
});

test('a launch begun in the name of another issuer is refused', async () => {
  const res = await fetch(`${base}/app/login?iss=http%3A%2F%2F127.0.0.1%3A1&login_hint=handle`, { redirect: 'manual' });
  assert.equal(res.status, 400);
  assert.equal((await outcome()).error, 'wrong_initiation');
});

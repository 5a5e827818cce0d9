// What a mini-app's back end learns of ends: by the status list of its tokens,
// and by the signed events that it is pushed.
//
//   node --import ./oauth/clock.mjs oauth/ends.mjs openid-client|oauth4webapi
//
// It reads one line of config, as backend.mjs does, and samples: the folder with
// the guide's events.mjs and status.mjs, which read lists and events with jose.
// It asks for "launch", "later", "narrow" (a field is withdrawn) and "signout".
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { serve } from './app.mjs';
import { config, done, later, step, want } from './steps.mjs';
import { accessToken, keySet } from './verify.mjs';

const library = await import(`./${process.argv[2]}.mjs`);
const { take } = await import(pathToFileURL(`${config.samples}/events.mjs`));
const { ended } = await import(pathToFileURL(`${config.samples}/status.mjs`));
const profile = 'https://schemas.openid.net/secevent/caep/event-type/';

const keys = await library.randomKeys();
const client = await library.connect(config, keys);
const set = await keySet(client.as);
const waiting = [];
const arrived = [];

// told gives the next event, which is waited for no longer than soon.
const soon = 20_000;
const told = () => (arrived.length ? arrived.shift() : new Promise((resolve, reject) => {
  waiting.push(resolve);
  setTimeout(() => reject(new Error('nothing was told')), soon).unref();
}));
const events = (req, res) => take(req, res, config.client_id, (event) => (waiting.shift() ?? ((e) => arrived.push(e)))(event));
const { launched } = await serve({ config, library, client, events });

const tokens = await launched();
const claims = await step('a token of ten minutes names its place in a list', async () => {
  const payload = await accessToken(tokens.access_token, { as: client.as, set, alg: 'ES256', audience: config.client_id, client: config.client_id, keys, life: 600 });
  assert.equal(payload.exp - payload.iat, 600);
  return payload;
});

await step('the list says that it stands', async () => {
  assert.equal(await ended(claims), false);
});

await step('a field that was withdrawn is told by its name, and the rest goes on', async () => {
  await want('narrow');
  const event = await told();
  assert.deepEqual(event.events, { [`${profile}token-claims-change`]: { claims: { phone_number: null } } });
  assert.equal(event.sub_id.session.id, claims.sid);
  await later(16);
  assert.equal(await ended(claims), false);
  assert.equal((await client.userinfo(tokens.access_token, claims.sub)).phone_number, undefined);
});

await step('a sign-out is told, signed, about this person and launch', async () => {
  await want('signout');
  const event = await told();
  assert.deepEqual(Object.keys(event.events), [`${profile}session-revoked`]);
  assert.deepEqual(event.sub_id.user, { format: 'iss_sub', iss: config.issuer, sub: claims.sub });
  assert.equal(event.sub_id.session.id, claims.sid);
  assert.equal(event.iat % 60, 0);
  assert.equal(event.sub, undefined);
});

await step('the list says that it ended, at once it is read again', async () => {
  await later(16);
  assert.equal(await ended(claims), true);
});

await step('an event of another, or changed on its way, is told so', async () => {
  for (const body of [tokens.access_token, tokens.id_token, 'a.b.c', '']) {
    const res = await fetch(config.redirect_uri.replace('callback', 'events'), { method: 'POST', body });
    assert.equal(res.status, 400);
    assert.ok((await res.json()).err);
  }
});

done();

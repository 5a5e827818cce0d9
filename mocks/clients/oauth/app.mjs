// A mini-app as the platform sees it: two pages and a place for events, on
// loopback, with a client of one of the libraries behind them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { Browser } from './browser.mjs';
import { want } from './steps.mjs';

// serve starts the app of config; events takes what comes to /app/events.
export async function serve({ config, library, client, events }) {
  const { issuer, redirect_uri, scope } = config;
  let current;

  async function asked({ secrets, params }, hint) {
    return {
      redirect_uri, scope, prompt: 'none', login_hint: hint, state: secrets.state, nonce: secrets.nonce,
      code_challenge: await library.challengeOf(secrets.verifier), code_challenge_method: 'S256', ...params,
    };
  }

  const pages = {
    async '/app/login'(url, req, res) {
      assert.equal(url.searchParams.get('iss'), issuer);
      const to = await current.client.push(await asked(current, url.searchParams.get('login_hint')));
      res.writeHead(303, { location: to.href }).end();
    },
    '/app/callback'(url, req, res) {
      current.callback = url;
      res.writeHead(200).end();
    },
    '/app/events': (url, req, res) => events(req, res),
  };
  const server = http.createServer(async (req, res) => {
    const url = new URL(req.url, redirect_uri);
    try {
      await pages[url.pathname](url, req, res);
    } catch (err) {
      if (current) current.failed = err;
      res.writeHead(502).end();
    }
  });
  await new Promise((resolve) => server.listen(config.port, '127.0.0.1', resolve));

  // opened launches the app and gives the address that the person came back with.
  async function opened({ client: by = client, params = {}, address } = {}) {
    address ??= (await want('launch')).url;
    current = { client: by, params, secrets: library.secrets() };
    const { status } = await new Browser().open(address);
    if (current.failed) throw current.failed;
    assert.equal(status, 200);
    return current;
  }

  async function launched(more) {
    const { callback, secrets, client: by } = await opened(more);
    return by.redeem(callback, secrets);
  }
  return { opened, launched };
}

// Subscribes with npm's graphql-sse or graphql-ws and prints what comes.
//
//   node --experimental-websocket live.mjs sse|ws URL < request.json
//
// request.json is the body of one operation: query or the persistedQuery
// extension, variables. CLIENT_TOKEN and CLIENT_KEY (a private JWK), where they
// are set, say who asks: in headers for sse, in connection_init for ws.
// CLIENT_ADDRESS is the front's public address where URL is another one. One
// JSON value a line:
//
//   {"next":{"data":…}}   {"errors":[…]}   {"complete":true}   {"closed":{"code":4401,"reason":"…"}}
//
// Neither client connects again here: a cut stream is told as {"cut":true}.
import { readFileSync } from 'node:fs';
import { createClient as createSSE, NetworkError } from 'graphql-sse';
import { createClient as createWS, CloseCode } from 'graphql-ws';
import { importKey, prove } from './samples/proof.mjs';

const [protocol, url] = process.argv.slice(2);
if (!['sse', 'ws'].includes(protocol) || !URL.canParse(url ?? '')) {
  console.error('usage: node --experimental-websocket live.mjs sse|ws URL < request.json');
  process.exit(2);
}
const request = { query: '', ...JSON.parse(readFileSync(0, 'utf8')) };
const { CLIENT_TOKEN: token, CLIENT_KEY: jwk, CLIENT_ADDRESS: address = url } = process.env;
const key = jwk && await importKey(JSON.parse(jwk));
const shown = (method) => async () => (token
  ? { authorization: `DPoP ${token}`, dpop: await prove(key, { method, url: address, token }) }
  : {});
const say = (value) => console.log(JSON.stringify(value));

function told(err) {
  if (Array.isArray(err)) return { errors: err };
  if (err instanceof NetworkError) return err.response?.status ? { status: err.response.status } : { cut: true };
  if (typeof err?.code === 'number') return { closed: { code: err.code, reason: err.reason } };
  return { failed: String(err?.message ?? err) };
}

const sink = {
  next: (value) => say({ next: value }),
  error: (err) => { say(told(err)); client.dispose(); },
  complete: () => { say({ complete: true }); client.dispose(); },
};

const client = protocol === 'sse'
  ? createSSE({ url, headers: shown('POST'), retryAttempts: 0 })
  : createWS({
      url: url.replace(/^http/, 'ws'), retryAttempts: 0,
      connectionParams: shown('GET'),
      on: { closed: (event) => { if (event.code !== CloseCode.Forbidden && event.code !== 1000) say({ socket: event.code, reason: event.reason }); } },
    });
client.subscribe(request, sink);

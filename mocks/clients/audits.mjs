// Runs graphql-http's audits of GraphQL over HTTP against a server.
//
//   node audits.mjs http://127.0.0.1:8080/mobile/graphql
//
// Prints each audit that fails, then "61 ok, 0 failed". A recommendation that
// is not followed counts as failed: we want all of them. Ends with 1 if any
// failed, 2 if it could not begin. AUDITS_AUTHORIZATION, where it is set, is
// sent as the Authorization header.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
if (!url || !URL.canParse(url)) {
  console.error('usage: node audits.mjs URL');
  process.exit(2);
}

const authorization = process.env.AUDITS_AUTHORIZATION;

// The deadline of each call: a server that hangs fails its audit.
const deadlineMs = 10_000;

function fetchFn(input, init = {}) {
  const headers = new Headers(init.headers);
  if (authorization) headers.set('authorization', authorization);
  return fetch(input, { ...init, headers, signal: AbortSignal.timeout(deadlineMs) });
}

async function run(audit) {
  try {
    return await audit.fn();
  } catch (err) {
    return { id: audit.id, name: audit.name, status: 'error', reason: err.cause?.code ?? err.message };
  }
}

let ok = 0;
let failed = 0;
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await run(audit);
  if (result.status === 'ok') {
    ok++;
    continue;
  }
  failed++;
  console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
}
console.log(`${ok} ok, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

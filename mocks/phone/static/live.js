// What is told as it happens: subscriptions by server-sent events (the distinct
// connections mode of graphql-sse). A stream is held while somebody looks; each
// begins with what is true now, so nothing is lost between two.

import { body, ended, headers, lapsed, wrong } from './api.js';
import { bearer, spent } from './acting.js';
import { send } from './proof.js';
import { pause, whileSeen } from './seen.js';

// The server gives a sign of life every 12 s; a line that is silent for longer
// than this is taken for dead.
const silence = 30000;
const pauses = [500, 1000, 3000, 10000, 30000];

// follow hands each answer of a subscription to next until signal ends, the
// sign-in does, or the product refuses it for good.
export const follow = (operation, variables, signal, next) => whileSeen(signal, async (seen) => {
  for (let tries = 0; !seen.aborted;) {
    try {
      if (await stream(operation, variables, seen, (data) => { tries = 0; next(data); })) return;
    } catch (e) {
      if (seen.aborted || ended(e) || e.final) return;
    }
    await pause(pauses[Math.min(tries++, pauses.length - 1)], seen);
  }
});

// stream reads one connection to its end, and says whether it is complete.
async function stream(operation, variables, signal, next) {
  const access = await bearer(operation);
  const quiet = new AbortController();
  let dog = 0;
  const alive = () => { clearTimeout(dog); dog = setTimeout(() => quiet.abort(), silence); };
  alive();
  try {
    const res = await send('/mobile/graphql', {
      method: 'POST', headers: headers('text/event-stream'), body: await body('mobile', operation, variables),
      cache: 'no-store', credentials: 'omit', signal: AbortSignal.any([signal, quiet.signal]),
    }, access, fetch);
    if (!res.ok || !res.headers.get('Content-Type')?.startsWith('text/event-stream')) return refuse(await res.json(), access);
    let rest = '';
    for (const reader = res.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
      const { value, done } = await reader.read();
      if (done) return false;
      alive();
      const events = (rest + value).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const { name, data } = read(event);
        if (name === 'complete') return true;
        if (name !== 'next') continue;
        const answer = JSON.parse(data);
        refuse(answer, access);
        next(answer.data);
      }
    }
  } finally {
    clearTimeout(dog);
  }
}

function read(event) {
  const got = { name: '', data: '' };
  for (const line of event.split('\n')) {
    if (line.startsWith('event:')) got.name = line.slice(6).trim();
    else if (line.startsWith('data:')) got.data += line.slice(5).trim();
  }
  return got;
}

// refuse throws what an answer says went wrong. What may pass is tried again.
function refuse(answer, used) {
  const fault = wrong(answer);
  if (!fault) return;
  const kind = answer.errors?.[0]?.extensions?.kind;
  if (lapsed.has(fault.code)) spent(used);
  else fault.final = !['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'].includes(kind);
  throw fault;
}

// Runs the app's trusted documents by their ids.

import { Fault, reach, token, stale, forget } from './auth.js';

let operations = null;
async function idOf(name) {
  if (!operations) {
    const res = await reach('operations.json', { cache: 'no-cache' });
    operations = (await res.json()).mobile;
  }
  return operations[name];
}

const signedOut = new Set(['SESSION_ENDED', 'SESSION_EXPIRED', 'SIGN_IN_REQUIRED', 'UNAUTHENTICATED']);

let ending = () => {};
// whenEnded says what to do when the sign-in has ended elsewhere.
export function whenEnded(f) { ending = f; }

// ask gives the data of one operation. It fails with a Fault whose message is
// the answer's own.
export async function ask(operation, variables) {
  try {
    return await once(operation, variables, true);
  } catch (e) {
    if (e.code === 'SIGNED_OUT' || signedOut.has(e.code)) {
      forget();
      ending(e.message);
    }
    throw e;
  }
}

async function once(operation, variables, again) {
  const bearer = await token();
  const sha256Hash = await idOf(operation);
  if (!sha256Hash) throw new Fault('这项功能暂时不能用。');
  const res = await reach('/mobile/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json',
      'Accept-Language': 'zh-CN', Authorization: 'Bearer ' + bearer,
    },
    body: JSON.stringify({ operationName: operation, variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  let answer;
  try {
    answer = await res.json();
  } catch {
    throw new Fault('系统的回答没有收全，请再试一次。', 'BROKEN');
  }
  const error = (answer.errors || [])[0];
  if (!error && answer.data) return answer.data;
  const code = error?.extensions?.code || '';
  if (again && (code === 'TOKEN_EXPIRED' || code === 'TOKEN_INVALID')) {
    stale(bearer);
    return once(operation, variables, false);
  }
  throw new Fault(error?.message || '系统出错了，请稍后再试。', code);
}

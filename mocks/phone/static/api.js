// Runs the app's trusted documents by their ids, at the front they belong to.

import { Fault, reach } from './fault.js';
import { bearer, spent, stopActing } from './acting.js';
import { forget } from './auth.js';
import { heed, send } from './proof.js';

let operations = null;
const known = () => (operations ||= reach('operations.json', { cache: 'no-cache' }).then((res) => heed(res).json()).catch((e) => { operations = null; throw e; }));

// body gives the request of one operation of a front.
export async function body(front, operation, variables) {
  const sha256Hash = (await known())[front]?.[operation];
  if (!sha256Hash) throw new Fault('这项功能暂时不能用。', 'NO_SUCH_OPERATION');
  return JSON.stringify({ operationName: operation, variables, extensions: { persistedQuery: { version: 1, sha256Hash } } });
}

export const headers = (accept) => ({ 'Content-Type': 'application/json', Accept: accept, 'Accept-Language': 'zh-CN' });

const signedOut = new Set(['SIGNED_OUT', 'SESSION_ENDED', 'SESSION_EXPIRED', 'SIGN_IN_REQUIRED', 'UNAUTHENTICATED']);
export const lapsed = new Set(['TOKEN_EXPIRED', 'TOKEN_INVALID']);

let ending = () => {};
// whenEnded says what to do when the sign-in has ended elsewhere.
export function whenEnded(f) { ending = f; }

// ended looks whether a fault says that the sign-in is over, or what the person
// does for another, and acts on it.
export function ended(e) {
  if (e.code === 'MANDATE_ENDED') {
    stopActing(e.message);
    return true;
  }
  if (!signedOut.has(e.code)) return false;
  forget();
  ending(e.message);
  return true;
}

// ask gives the data of one operation of the mobile front. It fails with a
// Fault whose message is the answer's own.
export const ask = (operation, variables) => askAt('mobile', operation, variables);

export async function askAt(front, operation, variables) {
  try {
    return await once(front, operation, variables, true);
  } catch (e) {
    ended(e);
    throw e;
  }
}

// askOpenly asks what anybody may, signed in or not.
export const askOpenly = (operation, variables) => askBy('', operation, variables);

// askBy asks once by a token that is at hand; '' for none.
export async function askBy(access, operation, variables) {
  const answer = await post('mobile', operation, variables, access);
  const fault = wrong(answer);
  if (fault) throw fault;
  return answer.data;
}

// all gives a whole list, asked page by page.
export async function all(operation, field, variables) {
  const list = [];
  for (let after = null; ;) {
    const { edges, pageInfo } = (await ask(operation, { ...variables, first: 50, after }))[field];
    list.push(...edges.map((e) => e.node));
    if (!pageInfo.hasNextPage) return list;
    after = pageInfo.endCursor;
  }
}

async function post(front, operation, variables, access) {
  const address = `/${front}/graphql`;
  const request = {
    method: 'POST', headers: headers('application/graphql-response+json, application/json'), body: await body(front, operation, variables),
  };
  const res = access ? await send(address, request, access) : await reach(address, request);
  try {
    return await res.json();
  } catch {
    throw new Fault('系统的回答没有收全，请再试一次。', 'BROKEN');
  }
}

async function once(front, operation, variables, again) {
  const access = await bearer(operation);
  const answer = await post(front, operation, variables, access);
  const fault = wrong(answer);
  if (!fault) return answer.data;
  if (!again || !lapsed.has(fault.code)) throw fault;
  spent(access);
  return once(front, operation, variables, false);
}

// wrong gives what an answer says went wrong; null where nothing did.
export function wrong(answer) {
  const error = (answer.errors || [])[0];
  if (!error && answer.data) return null;
  return new Fault(error?.message || '系统出错了，请稍后再试。', error?.extensions?.code || '');
}

// For whom somebody acts by a mandate (授权代办). The token for it stands in the
// memory of this tab alone, beside the person's own and for the same key
// (RFC 8693, RFC 9449), and nothing renews it but the next thing that is asked:
// each one stands in the ledger of whom it is for.

import { Fault } from './fault.js';
import { granted, stale, thisSession, token } from './auth.js';

const urn = 'urn:ietf:params:oauth:';
const mandateType = 'urn:tongban:params:oauth:token-type:mandate';

// What stays the person's own to ask, whoever they act for.
const own = new Set(['InboxChanged', 'ApprovalsChanged', 'AnswerApproval', 'Mandate']);

let now = null;

// acting gives for whom the person acts: { mandate, name, scopes }; null for
// nobody. It ends with the sign-in.
export const acting = () => (now?.session === thisSession() ? now : null);

// whose says of whom a screen tells.
export const whose = () => (acting() ? `${acting().name}的` : '我的');

// allows tells whether a kind of thing, and one of it where it is named, is open:
// to the person itself all is.
export function allows(kind, id) {
  const who = acting();
  return !who || who.scopes.some((s) => {
    const [first, what] = s.split(':');
    return first === kind && (!id || !what || what === '*' || what === id);
  });
}

// exchanged gives a token by which the person acts by a mandate. The person's
// own token may have lapsed by the product's clock, so a refusal is heard twice.
export async function exchanged(mandate) {
  for (const last of [false, true]) {
    const mine = await token();
    const got = await granted({
      grant_type: urn + 'grant-type:token-exchange', subject_token: mandate, subject_token_type: mandateType,
      actor_token: mine, actor_token_type: urn + 'token-type:access_token',
    });
    if (got) return { mandate, session: thisSession(), access: got.access, goodUntil: got.goodUntil };
    if (!last) stale(mine);
  }
  throw new Fault('这份授权已经结束，或者还没有生效，现在不能替对方办事。', 'MANDATE_ENDED');
}

// startActing has the person act for whom the token is, as the product says.
export function startActing(held, { name, mandate }) {
  now = { ...held, name, scopes: mandate.scopes };
  dispatchEvent(new CustomEvent('acting', { detail: '' }));
}

// stopActing has the person be themselves again, and says why.
export function stopActing(why) {
  if (!now) return;
  now = null;
  dispatchEvent(new CustomEvent('acting', { detail: why }));
}

// bearer gives the token for an operation: what is asked for another is never
// asked by the person's own instead.
export async function bearer(operation) {
  const who = acting();
  if (!who || own.has(operation)) return token();
  if (who.access && Date.now() < who.goodUntil) return who.access;
  who.renewing ||= exchanged(who.mandate).finally(() => { who.renewing = null; });
  const held = await who.renewing;
  if (now !== who) throw new Fault('已经退出代办，这一步没有做。', 'LEFT');
  return Object.assign(who, held).access;
}

// spent drops a token that was refused, so that the next ask gets a new one.
export function spent(access) {
  stale(access);
  if (now?.access === access) now.access = null;
}

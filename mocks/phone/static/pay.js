// Paying: the cashier's page is another's. The person goes there and comes back
// to the very screen that they left.

import { acting } from './acting.js';
import { ask } from './api.js';
import { Fault } from './fault.js';

const key = 'tongban.paying';

// leaveToPay opens the cashier and keeps what to come back to: a hash and what
// the history keeps with it, in this tab alone, and for whom is acted.
export function leaveToPay(url, state) {
  const to = new URL(url);
  if (to.origin === location.origin || !/^https?:$/.test(to.protocol)) throw new Fault('收银台的地址不对，没有打开。');
  sessionStorage.setItem(key, JSON.stringify({ hash: location.hash, state, mandate: acting()?.mandate }));
  location.assign(to.href);
}

// comeBackFromPaying puts the address back that was left for the cashier, and
// has the person act on for whom they paid, which is asked for anew.
export async function comeBackFromPaying(actBy) {
  const kept = sessionStorage.getItem(key);
  if (!kept) return;
  sessionStorage.removeItem(key);
  const { hash, state, mandate } = JSON.parse(kept);
  const at = location.hash;
  if (mandate) await actBy(mandate);
  if (mandate || !at) history.replaceState(state, '', at || hash);
}

// toCashier asks where a case is paid, and goes there.
export async function toCashier(id) {
  const { payCase } = await ask('PayCase', { input: { case: id } });
  leaveToPay(payCase.cashier, null);
}

// Names of places, and where the person is known.

import { acting } from './acting.js';
import { ask } from './api.js';

let names = null;
let person = null;

export async function regions() {
  names ||= ask('Regions').then((got) => got.regions).catch((e) => { names = null; throw e; });
  return names;
}

// account is who is signed in, or for whom they act: asked once for each.
export async function account() {
  person ||= ask(acting() ? 'ActingFor' : 'Me').then((got) => got.me).catch((e) => { person = null; throw e; });
  return person;
}

export const forgetAccount = () => { person = null; };
addEventListener('acting', forgetAccount);

// namer gives a function from a code to a name; an area below a province gets
// the province's.
export async function namer() {
  const list = await regions();
  const byCode = new Map(list.map((r) => [r.code, r.name]));
  return (code) => byCode.get(code) || byCode.get(code.slice(0, 2) + '0000') || '其他地区';
}

// byNearness gives all places, those that know the person first.
export async function byNearness() {
  const [list, who] = await Promise.all([regions(), account()]);
  const known = new Set(who.places.map((code) => code.slice(0, 2))); // a city is in its province
  const own = [...known].map((two) => list.find((r) => r.code === `${two}0000`)).filter(Boolean);
  return { own, others: list.filter((r) => !own.includes(r)) };
}

// withNames asks an operation and gives the namer beside its answer.
export async function withNames(operation, variables) {
  const [got, name] = await Promise.all([ask(operation, variables), namer()]);
  return { ...got, name };
}

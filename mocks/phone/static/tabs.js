// The tabs of one browser: what one learns the others hear, and what only one
// may do is done under a lock of the browser's (Web Locks). A mini-app's frame
// is of another origin and hears nothing.

const channel = new BroadcastChannel('tongban');
const hearers = {};
const present = 'tongban.tab';

// shout tells the other tabs.
export const shout = (kind, data) => channel.postMessage({ ...data, kind });

// hear says what to do when another tab shouts.
export function hear(kind, f) { (hearers[kind] ||= []).push(f); }

channel.addEventListener('message', ({ data }) => { for (const f of hearers[data.kind] || []) f(data); });

// Every open tab holds its share of one lock, so that each can count them.
navigator.locks?.request(present, { mode: 'shared' }, () => new Promise(() => {}));

// mine are the names that this tab has taken.
const mine = new Set();

// taken takes a name for as long as this tab is open, and tells whether another
// tab had it. What the browser says of its locks is the same in every tab at
// once, which a message on its way is not.
export async function taken(name) {
  if (!navigator.locks || mine.has(name)) return false;
  const { held } = await navigator.locks.query();
  if (held.some((l) => l.name === name)) return true;
  mine.add(name);
  await new Promise((got) => { navigator.locks.request(name, { mode: 'shared' }, () => { got(); return new Promise(() => {}); }); });
  return false;
}

// company tells whether another tab is open.
export async function company() {
  if (!navigator.locks) return false;
  const { held } = await navigator.locks.query();
  return held.filter((l) => l.name === present).length > 1;
}

// alone does work that no other tab may do meanwhile.
export const alone = (name, work, options = {}) => (navigator.locks ? navigator.locks.request(name, options, work) : work());

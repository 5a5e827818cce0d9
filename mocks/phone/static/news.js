// What reaches a person on any screen: notices, and verifiers who wait for a
// word. One of the browser's tabs listens for all: a browser opens few
// connections to one place, and a stream holds one.

import { thisSession, token } from './auth.js';
import { follow } from './live.js';
import { whileSeen } from './seen.js';
import { alone, hear, shout } from './tabs.js';

const subjects = { inbox: ['InboxChanged', 'inboxChanged'], approvals: ['ApprovalsChanged', 'approvalsChanged'] };
const last = {};
let leading = false;
let told = () => {};

const tell = (subject, data) => {
  last[subject] = data;
  told(subject, data);
};

// listen tells f of each subject's state, now and whenever it changes.
export function listen(signal, f) {
  told = f;
  for (const subject of Object.keys(last)) delete last[subject];
  whileSeen(signal, async (seen) => {
    await token();
    shout('now', { session: thisSession() });
    await alone('tongban.news ' + thisSession(), () => new Promise((leave) => {
      leading = true;
      seen.addEventListener('abort', leave, { once: true });
      for (const [subject, [operation, field]] of Object.entries(subjects)) {
        follow(operation, undefined, seen, (data) => {
          tell(subject, data[field]);
          shout('news', { session: thisSession(), subject, data: data[field] });
        });
      }
    }), { signal: seen }).catch(() => {}); // the wait for the lock ended with the look
    leading = false;
  });
}

hear('news', ({ session, subject, data }) => { if (session === thisSession()) tell(subject, data); });
hear('now', ({ session }) => {
  if (!leading || session !== thisSession()) return;
  for (const [subject, data] of Object.entries(last)) shout('news', { session, subject, data });
});

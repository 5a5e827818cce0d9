// What goes wrong, in words for a person, and the network's own failures.

export class Fault extends Error {
  constructor(message, code) {
    super(message);
    this.code = code || '';
  }
}

// inWords gives what a person is told of a failure: a fault of this page's own
// is for the console.
export function inWords(e) {
  if (e instanceof Fault) return e.message;
  reportError(e);
  return '这一步没有做成，请再试一次。';
}

// reach fetches and says in words what the network did.
export async function reach(address, options) {
  try {
    return await fetch(address, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(20000), ...options });
  } catch (e) {
    if (e && e.name === 'TimeoutError') throw new Fault('等了太久没有回应，请稍后再试。', 'SLOW');
    throw new Fault('网络连不上，请检查网络后再试。', 'OFFLINE');
  }
}

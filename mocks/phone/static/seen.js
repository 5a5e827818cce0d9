// Work that goes on only while somebody looks.

// pause waits, shorter where signal ends.
export const pause = (ms, signal) => new Promise((go) => {
  const timer = setTimeout(go, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); go(); }, { once: true });
});

// whileSeen does work while the page is seen, with a signal that ends when it
// is hidden, and again when it comes back, until signal ends.
export function whileSeen(signal, work) {
  let turn = null;
  const look = () => {
    if (document.hidden || signal.aborted) {
      turn?.abort();
      turn = null;
    } else if (!turn) {
      turn = new AbortController();
      work(turn.signal).catch(reportError);
    }
  };
  document.addEventListener('visibilitychange', look, { signal });
  signal.addEventListener('abort', look, { once: true });
  look();
}

// every does work again and again while the page is seen.
export const every = (signal, ms, work) => whileSeen(signal, async (seen) => {
  for (await pause(ms, seen); !seen.aborted; await pause(ms, seen)) await work().catch(() => {});
});

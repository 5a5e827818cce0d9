// The clock of a test, for programs that look at Date: node --import ./oauth/clock.mjs …
//
// It stands still at CLIENT_NOW (milliseconds) until set moves it. Without
// CLIENT_NOW the machine's clock is left alone.
const Machine = Date;
let now = Number(process.env.CLIENT_NOW);

if (now) {
  globalThis.Date = class extends Machine {
    constructor(...args) {
      super(...(args.length ? args : [now]));
    }

    static now() {
      return now;
    }
  };
}

// set moves the clock to a time in milliseconds.
export function set(to) {
  now = to;
}

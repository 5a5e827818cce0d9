// How a script tells what it did, and asks the world around it for something:
// one JSON value a line, both ways. The first line it reads is its config.
//
//   {"step":"…"}                 one step went well
//   {"want":"launch","with":…}   answered by one line on standard input
//   {"done":12}                  the end, with the number of steps
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { set } from './clock.mjs';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let steps = 0;

export const config = await heard();

async function heard() {
  const { value, done } = await lines.next();
  if (done) throw new Error('nobody answers');
  return JSON.parse(value);
}

function say(value) {
  console.log(JSON.stringify(value));
}

// want asks for something and gives the answer.
export async function want(what, more) {
  say({ want: what, with: more });
  return heard();
}

// later moves everybody's clock by seconds.
export async function later(seconds) {
  const { now } = await want('later', seconds);
  set(now);
}

// step does one step and tells that it went well; what it throws ends the script.
export async function step(name, act) {
  try {
    const value = await act();
    steps++;
    say({ step: name });
    return value;
  } catch (err) {
    console.error(`at: ${name}\n${err.stack}${err.cause ? `\ncause: ${JSON.stringify(err.cause)}` : ''}`);
    process.exit(1);
  }
}

export function done() {
  say({ done: steps });
  process.exit(0);
}

// refused waits for the act to fail with an OAuth error and, where one is
// named, a status.
export async function refused(act, error, status) {
  try {
    await act();
  } catch (err) {
    if (err instanceof assert.AssertionError) throw err;
    assert.equal(errorOf(err), error, err.stack);
    if (status) assert.equal(err.status, status);
    return;
  }
  assert.fail(`not refused with ${error}`);
}

// errorOf gives the OAuth error of what a library threw: of a body, of a
// redirect, or of WWW-Authenticate.
function errorOf(err) {
  return err.error ?? err.cause?.[0]?.parameters?.error ?? err.code ?? err.message;
}

// Reads a screen aloud, in the words that the server made for being heard.

import { h, fill, icon } from './dom.js';

export const canRead = () => 'speechSynthesis' in globalThis;

// readButton reads what text gives, or stops.
export function readButton(signal, text) {
  let reading = false;
  const b = h('button', { type: 'button', class: 'aloud', id: 'read-aloud', onclick: () => (reading ? stop() : read()) });
  const draw = () => { fill(b, icon(reading ? 'stop' : 'sound'), reading ? '停下' : '读给我听'); b.setAttribute('aria-pressed', String(reading)); };
  const stop = () => { reading = false; speechSynthesis.cancel(); draw(); };
  const read = () => {
    const words = text();
    if (!words) return;
    const said = new SpeechSynthesisUtterance(words);
    said.lang = 'zh-CN';
    said.rate = 0.9; // our choice: a little slower than a young ear wants
    said.onend = said.onerror = () => { reading = false; draw(); };
    speechSynthesis.cancel();
    reading = true;
    draw();
    speechSynthesis.speak(said);
  };
  signal.addEventListener('abort', () => { if (reading) stop(); });
  draw();
  return b;
}

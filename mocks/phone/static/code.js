// The code that a verifier scans: drawn here, a new one every 30 s for as long
// as somebody looks at it, gone when they leave.

import { h, fill, icon } from './dom.js';
import { ask } from './api.js';
import { inWords } from './fault.js';
import { outline, qr } from './qr.js';
import { pause, whileSeen } from './seen.js';

const SVG = 'http://www.w3.org/2000/svg';
const quiet = 4; // modules of white around a code (ISO/IEC 18004)

// picture draws a text as a QR code.
export function picture(text, name) {
  const rows = qr(text);
  const side = rows.length + 2 * quiet;
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  for (const [key, value] of Object.entries({ viewBox: `${-quiet} ${-quiet} ${side} ${side}`, role: 'img', 'aria-label': name, class: 'qr', 'shape-rendering': 'crispEdges' })) svg.setAttribute(key, value);
  path.setAttribute('d', outline(rows));
  svg.append(path);
  return svg;
}

// liveCode gives what shows codes until signal ends. renew gives the next code;
// looked is called before the first and then every few seconds.
export function liveCode(signal, renew, looked) {
  const frame = h('div', { class: 'code-frame', 'aria-busy': 'true' });
  const bar = h('progress', { max: 30, value: 30, 'aria-hidden': 'true' });
  const words = h('p', { class: 'countdown-words' });
  const said = h('p', { class: 'away', role: 'status' });
  const time = h('p', { class: 'clock', 'aria-hidden': 'true' });
  const seconds = (until) => Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const look = () => looked?.().catch(() => {}); // what was missed is told by the next look
  look();
  whileSeen(signal, async (seen) => {
    for (let count = 1; !seen.aborted; count++) {
      let code;
      try {
        code = await renew();
      } catch (e) {
        if (seen.aborted) break;
        fill(frame, h('p', { class: 'no-code' }, icon('warn'), inWords(e)));
        frame.removeAttribute('aria-busy');
        fill(words, '正在重试…');
        await pause(5000, seen);
        continue;
      }
      if (seen.aborted) break;
      fill(frame, picture(code.url, '亮证码，请对方扫一扫'));
      frame.removeAttribute('aria-busy');
      fill(said, count === 1 ? '亮证码已经显示' : '已换成新的亮证码');
      bar.max = code.refreshAfterSeconds;
      for (const until = performance.now() + code.refreshAfterSeconds * 1000; seconds(until) > 0 && !seen.aborted;) {
        bar.value = seconds(until);
        fill(words, h('strong', {}, `${seconds(until)} 秒`), '后自动换新码');
        fill(time, new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date()));
        if (seconds(until) % 4 === 0) look();
        await pause(1000, seen);
      }
    }
    frame.replaceChildren(); // a code that nobody looks at is not shown on
  });
  return h('div', { class: 'live-code' }, frame, time, h('div', { class: 'countdown' }, bar, words), said);
}

// show asks for codes of a licence and the fields chosen of it.
export const show = (licence, fields) => async () => (await ask('ShowLicence', { input: { licence, fields } })).showLicence.code;

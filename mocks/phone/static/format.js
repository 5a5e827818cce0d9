// Dates, money and numbers as people write them, in the time of China.

const zone = 'Asia/Shanghai';
const day = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric' });
const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function parts(date) {
  const got = {};
  for (const p of day.formatToParts(date)) got[p.type] = p.value;
  return got;
}

const sameDay = (a, b) => day.format(a) === day.format(b);

// moment says when: 今天 08:12, 昨天 08:12, 3月1日 08:12, 2025年3月1日.
export function moment(text) {
  const date = new Date(text);
  const now = new Date();
  if (sameDay(date, now)) return `今天 ${clock.format(date)}`;
  if (sameDay(date, new Date(now - 864e5))) return `昨天 ${clock.format(date)}`;
  const d = parts(date);
  return d.year === parts(now).year ? `${d.month}月${d.day}日 ${clock.format(date)}` : `${d.year}年${d.month}月${d.day}日`;
}

// hour says only the time of a moment today.
export function hour(text) {
  const date = new Date(text);
  return sameDay(date, new Date()) ? clock.format(date) : moment(text);
}

// date says a day: 2026年3月1日.
export function date(text) {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text || '');
  return m ? `${+m[1]}年${+m[2]}月${+m[3]}日` : text || '';
}

// isoDay gives the day so many days from today as YYYY-MM-DD.
export function isoDay(ahead) {
  const d = parts(new Date(Date.now() + ahead * 864e5));
  return `${d.year}-${d.month.padStart(2, '0')}-${d.day.padStart(2, '0')}`;
}

// value makes a province's value readable: grouped amounts, days, months.
export function value(text) {
  const s = String(text ?? '');
  const month = /^(\d{4})-(\d{2})$/.exec(s);
  if (month) return `${month[1]}年${+month[2]}月`;
  if (/^\d{4}-\d{2}-\d{2}$/.test(s)) return date(s);
  return s.replace(/\d+(\.\d+)?(?=\s*元)/g, (n) => amount(n));
}

export const amount = (n) => {
  const [whole, rest] = String(n).split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest === undefined ? '' : '.' + rest.padEnd(2, '0'));
};

// headline splits 余额 1234.50 元 into its words and its figure.
export function headline(text) {
  const m = /^(.*?)\s*(\d[\d.]*)\s*元$/.exec(text || '');
  return m ? { words: m[1], figure: amount(m[2]), unit: '元' } : { words: '', figure: value(text), unit: '' };
}

// plain takes a mark such as (河南·示例) from a title that stands under its place.
export const plain = (title) => title.replace(/\s*[(（][^()（）]*[)）]\s*$/, '') || title;

// masked shortens a masked number: 1****…****L becomes 1 •••• L.
export const masked = (number) => number.replace(/\*{4,}/g, ' •••• ');

// grouped breaks a long number into fours, as people read it out.
export const grouped = (number) => number.replace(/(.{4})(?=.)/g, '$1 ');

export function greeting() {
  const h = Number(clock.format(new Date()).slice(0, 2));
  if (h < 5) return '夜深了';
  if (h < 11) return '早上好';
  if (h < 13) return '中午好';
  if (h < 18) return '下午好';
  return '晚上好';
}

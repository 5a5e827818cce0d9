// The shell: who is signed in, which screen stands, what is told.

import { h, fill, icon } from './dom.js';
import { acting, allows } from './acting.js';
import { comeBack, join, signedIn } from './auth.js';
import { welcome } from './welcome.js';
import { whenEnded } from './api.js';
import { inWords } from './fault.js';
import { listen } from './news.js';
import { waiting } from './approve.js';
import { failed, tell, untell } from './ui.js';
import { dress, elder, elderButton } from './elder.js';
import { easyHome, easyScreen } from './easy.js';
import { comeBackFromPaying } from './pay.js';
import { home } from './home.js';
import { search } from './search.js';
import { licences } from './licences.js';
import { showLicence } from './show.js';
import { apps, miniApp } from './apps.js';
import { matters, places, preflight } from './matters.js';
import { cases, oneCase } from './cases.js';
import { aboutOf, inbox, ledger, consents, sessions, me } from './mine.js';
import { mandate, mandates } from './mandates.js';
import { offer } from './offer.js';
import { actBy, actingBar, actingHome, closed, take } from './delegate.js';

// The screens, each with its tab and what opens it to who acts for another; the
// rest are the person's own.
const screens = [
  ['/home', home, 'home'], ['/search', search, 'home', 'matter', 'app'], ['/licences', licences, 'home', 'space'], ['/licence/:id', showLicence, 'home', 'licence'],
  ['/matters', matters, 'matters', 'matter'], ['/matter/:item', places, 'matters', 'matter'], ['/matter/:item/:region', preflight, 'matters', 'matter'],
  ['/case/:id', oneCase, 'matters', 'space', 'matter'], ['/cases', cases, 'matters', 'space'],
  ['/apps', apps, 'apps', 'app'], ['/app/:id', miniApp, 'apps', 'app'],
  ['/inbox', inbox, 'inbox'], ['/easy', easyScreen, 'home'],
  ['/me', me, 'me'], ['/ledger', ledger, 'me'], ['/consents', consents, 'me'], ['/sessions', sessions, 'me'],
  ['/mandates', mandates, 'me'], ['/mandate/:id', mandate, 'me'], ['/mandate-offer', offer, 'me'], ['/mandate-take', take, 'me'],
];
const tabs = [['home', '首页', 'home'], ['matters', '办事', 'matter'], ['apps', '应用', 'apps'], ['inbox', '消息', 'inbox'], ['me', '我的', 'me']];

const app = document.getElementById('app');
let leave = new AbortController();
let unread = 0;
let watching = null;
let reason = ''; // why nobody is signed in
let word = ''; // what the next screen says first

function find(path) {
  for (const [pattern, draw, tab, ...opened] of screens) {
    const params = match(pattern, path);
    if (!params) continue;
    if (pattern === '/home') break;
    const open = !acting() || opened.some((kind) => allows(kind));
    return { draw: open ? draw : closed, tab, params, top: pattern === '/' + tab };
  }
  return { draw: acting() ? actingHome : elder() ? easyHome : home, tab: 'home', params: {}, top: true };
}

function match(pattern, path) {
  const a = pattern.split('/');
  const b = path.split('/');
  if (a.length !== b.length) return null;
  const params = {};
  for (let i = 0; i < a.length; i++) {
    if (a[i].startsWith(':')) params[a[i].slice(1)] = decodeURIComponent(b[i]);
    else if (a[i] !== b[i]) return null;
  }
  return params;
}

const offline = () => h('p', { class: 'offline', role: 'status', hidden: navigator.onLine }, icon('warn'), '网络断开了。已经看到的内容还在，联网后会继续。');

// menu leads from anywhere to the five parts; 长辈版 shows one thing at a time,
// and one way home.
const menu = (tab) => (elder() ? h('nav', { class: 'foot', 'aria-label': '主菜单' }, h('a', { class: 'way-home', href: '#/home' }, icon('home'), '回首页'))
  : h('nav', { class: 'tabs', 'aria-label': '主菜单' }, tabs.filter(([id]) => find('/' + id).draw !== closed).map(([id, name, picture]) => h('a', { href: '#/' + id, 'data-tab': id, 'aria-current': id === tab ? 'page' : null },
    h('span', { class: 'tab-icon' }, icon(picture), id === 'inbox' && h('span', { class: 'count', hidden: true })), name))));

let shown = '';
const turn = () => location.hash + (history.state?.turn || '');

// show draws the screen that the address names.
function show() {
  leave.abort();
  leave = new AbortController();
  shown = turn();
  if (!signedIn()) return nobody(reason);
  reason = '';
  watch();
  const path = location.hash.slice(1) || '/home';
  const { draw, tab, params, top } = find(path);
  const main = h('main', { id: 'main', tabindex: '-1' });
  const title = h('h1', { class: path === '/home' || path === '/easy' ? 'away' : null });
  const bar = h('header', { class: 'bar' },
    top ? h('span', { class: 'brand' }, h('img', { src: 'mark.svg', alt: '' }), '通办')
      : h('button', { type: 'button', class: 'plain-button', 'aria-label': '返回', onclick: () => (history.length > 1 ? history.back() : screen.go('/home')) }, icon('back'), '返回'),
    elderButton());
  const shell = h('div', { class: 'shell', 'data-screen': path.split('/')[1] }, bar, actingBar(leave.signal), offline(), main, menu(tab));
  const screen = {
    params, main, shell, signal: leave.signal,
    title: (text) => { title.textContent = text; document.title = text + ' · 通办'; },
    go: (to) => { location.hash = to; },
    refresh: show,
    foot: (...what) => fill(shell.querySelector('nav'), top ? null : h('a', { class: 'way-home', href: '#/home' }, icon('home'), '首页'), what),
  };
  fill(main, title, word && h('p', { class: 'why', role: 'alert' }, word), draw(screen));
  word = '';
  fill(app, shell);
  count();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

// turned shows what history came to, once: moving through it is told twice.
function turned() {
  if (turn() !== shown) show();
}

// nobody is signed in, and why, where there is a reason.
function nobody(why = '') {
  reason = why;
  leave.abort();
  watching?.abort();
  watching = null;
  waiting([]);
  welcome(app, offline(), why);
}

function count() {
  const mark = document.querySelector('.count');
  if (!mark) return;
  mark.hidden = unread === 0;
  fill(mark, unread > 99 ? '99+' : String(unread), h('span', { class: 'away' }, '条未读'));
}

// watch hears what comes while somebody is signed in.
function watch() {
  if (watching) return;
  watching = new AbortController();
  let newest = null;
  listen(watching.signal, (subject, news) => {
    if (subject === 'approvals') return waiting(news);
    unread = news.unread;
    count();
    const top = news.newest;
    // Who acts for another is told of their own things in the inbox, afterwards.
    if (newest !== null && top && top.id !== newest && !acting()) tell(top.body, aboutOf(top));
    newest = top ? top.id : '';
    dispatchEvent(new Event('inbox'));
  });
}

async function start() {
  dress();
  try {
    if (!await comeBack()) await join();
    if (signedIn()) await comeBackFromPaying(actBy).catch((e) => { word = inWords(e); });
    if (!location.hash && signedIn()) history.replaceState(null, '', '#/home');
    show();
  } catch (e) {
    nobody(inWords(e));
  }
}

whenEnded(nobody);
for (const moved of ['hashchange', 'popstate', 'turn']) addEventListener(moved, turned);
addEventListener('elder', () => { if (!elder() && location.hash === '#/easy') history.replaceState(null, '', '#/home'); show(); });
addEventListener('signed-out', () => { unread = 0; history.replaceState(null, '', location.pathname); nobody('您已安全退出。'); });
addEventListener('acting', ({ detail }) => {
  word = detail;
  untell(); // it was to somebody else
  history.pushState(null, '', acting() ? '#/home' : '#/mandates');
  show();
});
for (const change of ['online', 'offline']) {
  addEventListener(change, () => { for (const line of document.querySelectorAll('.offline')) line.hidden = navigator.onLine; });
}
addEventListener('unhandledrejection', (e) => {
  e.preventDefault();
  document.getElementById('main')?.append(failed(e.reason));
});
start();

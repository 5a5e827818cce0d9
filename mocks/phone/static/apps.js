// Mini-apps by province: asked once, then open inside, known already.

import { h, fill, icon } from './dom.js';
import { allows } from './acting.js';
import { all, ask } from './api.js';
import { actingBar } from './delegate.js';
import { Fault } from './fault.js';
import { byNearness } from './regions.js';
import { button, note, part, row, section } from './ui.js';
import { basis } from './words.js';

export function apps(screen) {
  screen.title('各地应用');
  return [
    note('点开就用，不用下载，也不用再登录。'),
    part(async () => {
      const [{ own, others }, list] = await Promise.all([byNearness(), all('MiniApps', 'miniApps')]);
      return { own, others, list: list.filter((a) => a.opens && allows('app', a.id)) };
    }, ({ own, others, list }) => {
      const of = (code) => list.filter((a) => a.regions.some((r) => r.slice(0, 2) === code.slice(0, 2)));
      const shown = h('div', {});
      const draw = (code) => fill(shown, code ? shelf('', of(code))
        : [shelf('有记录的地方', own.flatMap((r) => of(r.code))), shelf('其他地方', others.flatMap((r) => of(r.code)))]);
      const choice = h('select', { id: 'province', onchange: () => draw(choice.value) },
        h('option', { value: '' }, '全国'), [...own, ...others].map((r) => h('option', { value: r.code }, r.name)));
      draw('');
      return [h('label', { class: 'field' }, h('span', {}, '选择地方'), choice), shown];
    }, 5),
  ];
}

const shelf = (title, list) => section(title, null, list.length ? h('div', { class: 'card list' },
  list.map((a) => row('/app/' + encodeURIComponent(a.id), h('span', {}, a.name.slice(0, 1)), a.name, `${a.operator.name} · ${a.operator.filingNumber}`)))
  : note('这里还没有应用。'));

export function miniApp(screen) {
  const { id } = screen.params;
  screen.title('打开应用');
  const place = h('div', {});
  place.append(part(() => ask('MiniApp', { id }), ({ miniApp: app, consentRequest: request }) => {
    if (!app) return note('没有这个应用，可能已经下架。');
    screen.title(app.name);
    if (!request.missing.length) {
      return part(() => launch(app.id), (url) => { openInside(screen, app, url); return null; }, 1);
    }
    return consentSheet(screen, app, request);
  }, 3));
  return place;
}

async function launch(appId) {
  return (await ask('OpenMiniApp', { input: { appId } })).openMiniApp.launch.url;
}

// consentSheet shows what the manifest asks for. What is optional is off until
// the person turns it on; what is sensitive too, each by a control of its own,
// also where the service can't do without it.
function consentSheet(screen, app, request) {
  const lines = request.text.split('\n');
  const first = lines.findIndex((l) => /^\d+[.、]/.test(l));
  const last = lines.findLastIndex((l) => /^\d+[.、]/.test(l));
  const before = first < 0 ? lines : lines.slice(0, first);
  const after = first < 0 ? [] : lines.slice(last + 1);
  const chosen = request.missing.map((use) => ({ use, on: !use.optional && !use.sensitive }));
  const agreed = (sensitive) => chosen.filter((c) => c.on && c.use.sensitive === sensitive).flatMap((c) => c.use.claims);
  const agree = async () => {
    const without = chosen.find((c) => !c.on && !c.use.optional);
    if (without) throw new Fault(`“${without.use.what}”是敏感信息，需要您单独同意后才能打开。`);
    await ask('GiveConsent', { input: { appId: app.id, version: request.version, claims: agreed(false), sensitive: agreed(true) } });
    openInside(screen, app, await launch(app.id));
  };
  return h('div', { class: 'sheet' },
    h('p', { class: 'from' }, h('span', { class: 'glyph' }, app.name.slice(0, 1)), h('span', {}, app.operator.name, h('small', {}, app.operator.filingNumber))),
    before.map((l) => h('p', { class: 'lead' }, l)),
    h('ul', { class: 'uses' }, chosen.map((c, i) => useLine(c, i))),
    after.map((l) => h('p', { class: 'fine' }, l)),
    h('div', { class: 'actions' }, button('primary wide', '同意并打开', agree),
      h('button', { type: 'button', class: 'quiet wide', onclick: () => history.back() }, '不同意')));
}

function useLine(c, i) {
  const { use } = c;
  const about = h('span', { class: 'grow' },
    h('strong', {}, use.what, use.sensitive && h('span', { class: 'pill alert' }, '敏感信息')),
    h('small', {}, `${use.purpose}。依据：${basis(use.basis)}，保存 ${use.retentionDays} 天`));
  if (!use.optional && !use.sensitive) return h('li', {}, about, h('span', { class: 'must' }, '必需'));
  const box = h('input', { type: 'checkbox', id: 'use-' + i, role: 'switch', onchange: () => { c.on = box.checked; } });
  return h('li', {}, h('label', { for: 'use-' + i }, about, h('span', { class: 'may' }, use.sensitive ? (use.optional ? '可选，单独同意' : '必需，单独同意') : '可选', box)));
}

// openInside shows the mini-app in a frame that can neither leave nor reach us:
// another origin than ours, no top navigation, no popups, no downloads.
function openInside(screen, app, url) {
  const to = new URL(url);
  if (to.origin === location.origin || !/^https?:$/.test(to.protocol)) throw new Fault('这个应用的地址不对，没有打开。');
  if (!allowed(to.origin)) return anew(app.id);
  sessionStorage.removeItem(againKey);
  screen.title(app.name);
  const frame = h('iframe', {
    src: to.href, title: app.name, sandbox: 'allow-scripts allow-forms allow-same-origin', referrerpolicy: 'no-referrer', allow: '',
    onload: () => { frame.removeAttribute('aria-busy'); }, 'aria-busy': 'true',
  });
  fill(screen.shell, h('header', { class: 'bar framed' },
    h('button', { type: 'button', class: 'plain-button', id: 'leave-app', onclick: () => screen.go('/apps') }, icon('close'), '关闭'),
    h('h1', {}, app.name)), actingBar(screen.signal), h('main', { id: 'main' }, frame));
  screen.shell.classList.add('inside');
}

const againKey = 'tongban.again';
const allowed = (origin) => document.querySelector('meta[name=frames]').content.split(' ').includes(origin);

// anew loads the page again, once: its policy names the origins that were
// plugged in when it was loaded, and the app may be newer.
function anew(app) {
  if (sessionStorage.getItem(againKey) === app) {
    sessionStorage.removeItem(againKey);
    throw new Fault('这个应用的地址还没有登记，没有打开。');
  }
  sessionStorage.setItem(againKey, app);
  location.reload();
}

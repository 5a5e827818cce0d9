// The stage: looks at the outside world every second, and moves its switches.

const counted = [
  ['opened', '打开的小程序'], ['downloads', '下载的应用'], ['sign_ins', '登录'], ['jumps', '跳去外省网站'],
  ['cases', '办理的事项'], ['materials', '要求提交的材料'], ['fields', '填写的字段'], ['told', '推送到手机'],
];
// A request by what it was for, in words.
const kinds = {
  'case.submit': '收到申请', 'case.list': '查办件', 'licence.list': '查证照', login: '打开小程序', callback: '认出本人', page: '小程序页面',
  site: '官网', download: '下载应用', jwks: '公钥', manifest: '接入清单',
};
const outcomes = { ok: '成功', duplicate: '已收过，不重办', failed: '失败', running: '进行中', client_gone: '等不及了', error: '故障', silence: '没有回应', garbage: '乱码' };

const at = (id) => document.getElementById(id);
const make = (tag, words, name) => Object.assign(document.createElement(tag), { textContent: words ?? '', className: name ?? '' });
let place = '';

async function call(path, method) {
  const res = await fetch(path + '?place=' + place, { method: method || 'GET', cache: 'no-store', signal: AbortSignal.timeout(5000) });
  if (!res.ok) throw new Error('演示台没有做成这一步（' + res.status + '）。');
  return res.json();
}

function draw(state) {
  const cells = counted.map(([key, name]) => {
    const cell = make('div');
    cell.append(make('dt', name), make('dd', state.counts[key]));
    cell.dataset.count = key;
    return cell;
  });
  at('counts').replaceChildren(...cells);
  if (!at('place').options.length) choosePlaces(state.places);
  for (const s of state.switches) drawSwitch(s);
  at('log').replaceChildren(...state.log.map((line) => {
    const row = make('tr');
    row.append(make('td', new Date(line.at).toLocaleTimeString('zh-CN', { hour12: false })), make('td', kinds[line.kind] ?? '查询'),
      make('td', outcomes[line.outcome] ?? '没有成功', line.status >= 400 ? 'bad' : ''));
    return row;
  }));
}

function choosePlaces(places) {
  at('place').replaceChildren(...places.map((p) => Object.assign(make('option', p.name), { value: p.code })));
  place = places.find((p) => p.code === '410000')?.code ?? places[0]?.code ?? '';
  at('place').value = place;
}

function drawSwitch(s) {
  let label = at('switches').querySelector(`[data-switch="${s.id}"]`);
  if (!label) {
    label = make('label');
    label.dataset.switch = s.id;
    const box = Object.assign(document.createElement('input'), { type: 'checkbox' });
    box.addEventListener('change', () => act(() => call('switches/' + s.id, box.checked ? 'PUT' : 'DELETE')));
    label.append(make('span', s.name), box);
    at('switches').append(label);
  }
  label.querySelector('input').checked = s.on;
  label.className = s.on ? 'on' : '';
}

async function act(what) {
  try {
    draw(await what());
    at('told').textContent = '';
  } catch (e) {
    at('told').textContent = e.name === 'TimeoutError' || e instanceof TypeError ? '演示程序没有回应。' : e.message;
  }
}

async function look() {
  if (!document.hidden) await act(() => call('state'));
  setTimeout(look, 1000);
}

at('place').addEventListener('change', () => { place = at('place').value; act(() => call('state')); });
at('consents').addEventListener('click', () => { at('standard').contentWindow.location.hash = '#/consents'; at('standard').focus(); });
// The source's page refuses to stand in a frame, rightly: a person signs in on
// a page of its own, and both phones take it over from there.
const phones = [at('standard'), at('elderly')];
const knows = (page) => page?.body?.querySelector('.shell:not(.welcome)');

async function enter() {
  const own = window.open(new URL('/phone/', location.href), 'sign-in', 'popup,width=420,height=860');
  if (!own) {
    at('told').textContent = '浏览器拦下了登录窗口，请允许后再试。';
    return;
  }
  const inside = () => { try { return knows(own.document); } catch { return null; } }; // the source's page is another origin
  while (!own.closed && !inside()) await pause(300);
  if (own.closed) return;
  for (const phone of phones) phone.contentWindow.location.reload();
  for (let tries = 0; tries < 40 && !phones.every((p) => knows(p.contentDocument)); tries++) await pause(250);
  own.close();
}

const pause = (ms) => new Promise((go) => { setTimeout(go, ms); });
at('enter').addEventListener('click', enter);
addEventListener('message', (e) => { if (e.origin === location.origin && e.data === 'sign-in') enter(); });
look();

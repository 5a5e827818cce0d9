package journey_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tongban/tongban/mocks/province"
)

// foreign lists words of another language and codes on the screen. A number
// that is written in Latin letters stands as one, in .code.
const foreign = `(() => { const out = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) { const e = n.parentElement; if (e.closest('.code, script, noscript') || !e.checkVisibility()) continue;
		for (const w of n.data.match(/[A-Za-z_]{2,}/g) || []) if (w !== 'QR') out.push(w); }
	for (const e of document.querySelectorAll('[aria-label], [placeholder], [alt], [title]')) for (const a of ['aria-label', 'placeholder', 'alt', 'title'])
		for (const w of (e.getAttribute(a) || '').match(/[A-Za-z_]{2,}/g) || []) if (w !== 'QR') out.push(a + ' ' + w);
	return out.slice(0, 5); })()`

// inWords fails the test where the screen speaks in codes or another language.
func (b *tab) inWords(name string) {
	b.t.Helper()
	if words := js[[]string](b, foreign); len(words) > 0 {
		b.t.Errorf("%s: codes or another language: %q", name, words)
	}
}

// overflowing lists what stands out of the screen to the side.
const overflowing = `(() => { const out = [];
	if (innerWidth > 391) out.push('zoomed out to ' + innerWidth);
	for (const e of document.querySelectorAll('body *')) { const r = e.getBoundingClientRect();
		if (r.width && !e.closest('.away, svg') && getComputedStyle(e).position !== 'absolute' && (r.right > 391 || r.left < -1)) out.push(e.tagName + '.' + e.className + ' ' + Math.round(r.left) + '…' + Math.round(r.right) + ' ' + e.textContent.slice(0, 20)); }
	for (const e of document.querySelectorAll('body *')) { const s = getComputedStyle(e);
		if (!e.closest('.away, svg') && e.children.length === 0 && e.textContent.trim() && (s.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1 || s.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 1)) out.push('cut ' + e.textContent.slice(0, 20)); }
	return out.slice(0, 5); })()`

// wellMade fails the test where the screen overflows at plain or double text,
// speaks in codes or another language, or keeps somebody out.
func (b *tab) wellMade(name string) {
	b.t.Helper()
	b.settled()
	b.shoot(name)
	b.inWords(name)
	for _, size := range []int64{doubleText, plainText} {
		b.textSize(size)
		if out := js[[]string](b, overflowing); len(out) > 0 {
			b.shoot(name + "-overflow")
			b.t.Errorf("%s at text of %d px overflows: %q", name, size, out)
		}
	}
	b.accessible(name)
}

// accessible runs axe and fails for what is serious or critical.
func (b *tab) accessible(name string) {
	b.t.Helper()
	if !js[bool](b, "typeof axe === 'object'") {
		js[bool](b, b.axe+"; true")
	}
	raw := js[string](b, `axe.run(document, {iframes: false, resultTypes: ['violations']}).then(r => JSON.stringify(
		r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 140) + ' ' + n.failureSummary.slice(0, 200)).join(' | '))))`)
	var serious []string
	must(b.t, json.Unmarshal([]byte(raw), &serious))
	for _, s := range serious {
		b.t.Errorf("%s: axe: %s", name, s)
	}
}

// signIn signs the person in on the national source's page.
func (b *tab) signIn(issuer, person string) {
	b.t.Helper()
	b.visit(issuer)
	b.see("一次登录，全国通办")
	b.tap("#sign-in", "登录")
	b.see("统一身份认证")
	b.tap("button[name=person]", person)
	b.see("，" + person)
}

// demand: D01
// demand: D03
func TestAPersonDoesTheirBusinessOnThePhonePage(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: append([]string{guizhou}, eight...)})
	b.visit(st.conf.Issuer)
	b.wellMade("welcome")
	b.signIn(st.conf.Issuer, roamer)
	t.Run("home fills part by part", func(t *testing.T) { b.on(t).homeScreen() })
	t.Run("licences", func(t *testing.T) { b.on(t).tapTo("/licences", "有效"); b.wellMade("licences") })
	t.Run("a mini-app opens inside, known already", func(t *testing.T) { b.on(t).miniAppScreens(st) })
	number := ""
	t.Run("a matter in another province, to the end", func(t *testing.T) { number = b.on(t).matterScreens(st) })
	t.Run("told in the inbox", func(t *testing.T) { b.on(t).inboxScreen(number) })
	t.Run("the ledger, consents and sign-ins", func(t *testing.T) { b.on(t).ownScreens() })
	t.Run("a dark province says so in its own place", func(t *testing.T) { b.on(t).darkProvince(st) })
	t.Run("signed out", func(t *testing.T) { b.on(t).leave(st) })
	for _, lapsed := range []string{"401", "ERR_INCOMPLETE_CHUNKED_ENCODING"} { // the token lapsed with the clock, and was renewed
		b.forgive(lapsed)
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// on is the tab in a part of its test.
func (b *tab) on(t *testing.T) *tab { b.t = t; return b }

func (b *tab) tapTo(path string, words ...string) {
	b.t.Helper()
	js[string](b, "location.hash = "+quoted(path))
	b.see(words...)
}

func (b *tab) homeScreen() {
	b.t.Helper()
	b.see("各地的信息", "刚刚", "河南省", "上海市", "我的证照", "居民身份证")
	b.wellMade("home")
	if n := js[int](b, "document.querySelectorAll('.province').length"); n != len(eight) {
		b.t.Errorf("%d provinces on the home screen, want %d", n, len(eight))
	}
	b.tapTo("/search")
	b.choose("#search", "关怀版")
	b.see("长辈版")
	b.wellMade("search")
}

func (b *tab) miniAppScreens(st *stage) {
	b.t.Helper()
	b.tap("[data-tab=apps]", "应用")
	b.see("随申办", "贵州")
	b.wellMade("apps")
	b.tap("a.row", "随申办")
	b.see("请求取得您的以下信息", "手机号", "可选", "必需")
	b.wellMade("consent")
	if js[bool](b, "document.querySelector('input[role=switch]').checked") {
		b.t.Error("what is optional is agreed to before it was read")
	}
	b.tap("button", "同意并打开")
	b.until("the frame", "document.querySelector('iframe')")
	greeted := ""
	st.until("the mini-app greets", func() (bool, error) { greeted = b.inFrame(); return strings.Contains(greeted, "张**"), nil })
	if strings.Contains(greeted, "联系电话") {
		b.t.Error("the mini-app was told the phone number, which was not agreed to")
	}
	b.wellMade("mini-app")
	b.tap("#leave-app", "关闭")
	b.see("各地应用")
	b.tap("a.row", "随申办")
	b.until("the frame, without being asked again", "document.querySelector('iframe')")
	b.tap("#leave-app", "关闭")
}

func (b *tab) matterScreens(st *stage) string {
	b.t.Helper()
	b.tap("[data-tab=matters]", "办事")
	b.see("异地就医登记备案和结算")
	b.wellMade("matters")
	b.tap("a.row", "异地就医登记备案和结算")
	b.see("在哪里办")
	b.wellMade("place")
	b.tap("button.choice", "河南省")
	b.see("3 份材料都替您找到了", "社会保障卡", "来自随申办", "只需您填写 2 项", "199****0001")
	b.wellMade("preflight")
	b.tap("button", "确认提交")
	b.see("请先填写“备案就医地”。")
	b.choose("#f-care_region", shanghai)
	b.tap(".days button", "明天")
	b.tap("button", "确认提交")
	b.see("业务协同编号", "已提交")
	number := strings.ReplaceAll(js[string](b, "document.querySelector('.code').textContent"), " ", "")
	st.idle()
	if _, there := st.province(henan).Case(number); !there {
		b.t.Fatalf("the case of the receipt never reached its province")
	}
	b.wellMade("receipt")
	st.decide(number, province.Move{State: "RECEIVED"})
	st.decide(number, province.Move{State: "ACCEPTED"})
	b.until("the screen moves by itself", "document.querySelector('.steps .now')?.innerText.includes('已受理')")
	b.wellMade("progress")
	st.decide(number, province.Move{State: "DONE"})
	b.until("the end", "document.querySelector('.receipt')?.dataset.state === 'DONE'")
	b.wellMade("done")
	return number
}

func (b *tab) inboxScreen(number string) {
	b.t.Helper()
	b.until("a word that something came", "document.querySelector('.count:not([hidden])')")
	b.tap("[data-tab=inbox]", "消息")
	b.see("已办结", "未读")
	b.wellMade("inbox")
	b.tap("button.notice", "已办结")
	b.until("the case", "location.hash.includes("+quoted(number)+")")
}

func (b *tab) ownScreens() {
	b.t.Helper()
	b.tap("[data-tab=me]", "我的")
	b.see(roamer, "4 •••• 4", "退出登录")
	b.wellMade("me")
	b.tap("a.row", "谁用了我的数据")
	b.see("河南省(示例)", "办理异地就医登记备案和结算", "姓名", "您的同意")
	b.wellMade("ledger")
	b.tapTo("/cases", "已办结")
	b.wellMade("cases")
	b.tapTo("/sessions", "本机")
	b.wellMade("sessions")
	b.tapTo("/consents", "随申办")
	b.wellMade("consents")
	b.tap("button", "撤回同意")
	b.tap("button", "确认撤回")
	b.see("已撤回")
	b.tapTo("/apps", "随申办")
	b.tap("a.row", "随申办")
	b.see("同意并打开")
}

func (b *tab) darkProvince(st *stage) {
	b.t.Helper()
	must(b.t, st.province(jiangsu).Kill())
	st.later(10 * 60e9)
	b.tapTo("/home", "各地的信息")
	b.until("江苏 says that it is dark", `[...document.querySelectorAll('[data-province="320000"] .tile')].some(e => ['STALE', 'UNAVAILABLE'].includes(e.dataset.freshness))`)
	b.wellMade("dark")
	js[bool](b, `(document.querySelector('.toast')?.remove(), document.querySelector('[data-province="320000"]').scrollIntoView({block: 'center', behavior: 'instant'}), true)`)
	b.shoot("dark-tile")
	if !js[bool](b, `[...document.querySelectorAll('[data-province="330000"] .tile')].every(e => ['LIVE', 'CACHED'].includes(e.dataset.freshness))`) {
		b.t.Error("another province suffers")
	}
}

func (b *tab) leave(st *stage) {
	b.t.Helper()
	b.tap("[data-tab=me]", "我的")
	b.tap("button", "退出登录")
	b.see("您已安全退出。")
	if kept := js[int](b, "sessionStorage.length"); kept != 0 {
		b.t.Errorf("%d things are kept after signing out", kept)
	}
	b.visit(st.conf.Issuer)
	b.see("一次登录，全国通办")
}

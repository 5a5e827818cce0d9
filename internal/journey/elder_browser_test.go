package journey_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// tooSmall lists what is smaller than the norm for older persons wants: text of
// 18 px, lines 1.3 apart, 60 px under a finger.
const tooSmall = `(() => { const out = []; const seen = e => e.checkVisibility() && !e.closest('.away, svg, option');
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) { const e = n.parentElement; if (!n.textContent.trim() || !seen(e) || e.closest('script, noscript')) continue;
		const s = getComputedStyle(e); const size = parseFloat(s.fontSize);
		if (size < 18) out.push('text ' + size + ' ' + n.textContent.slice(0, 15));
		if (parseFloat(s.lineHeight) / size < 1.299) out.push('lines ' + s.lineHeight + '/' + size + ' ' + n.textContent.slice(0, 15)); }
	for (const e of document.querySelectorAll('a, button, select, summary, input:not([role=switch], [type=radio], [type=file]), label:has(input[role=switch]), input:is([type=radio], [type=file]) + label')) {
		if (!seen(e)) continue; const r = e.getBoundingClientRect();
		if (r.height < 59.5 || r.width < 59.5) out.push('target ' + Math.round(r.width) + '×' + Math.round(r.height) + ' ' + e.innerText.slice(0, 15)); }
	return out.slice(0, 5); })()`

// readable fails the test where a screen of 长辈版 is too small at any of its
// sizes, or overflows.
func (b *tab) readable(name string) {
	b.t.Helper()
	b.settled()
	for size, text := range map[string]string{"1": "20px", "2": "25px", "3": "30px"} {
		js[string](b, "document.documentElement.dataset.elder = "+quoted(size))
		b.shoot("elder" + size + "-" + name)
		if got := js[string](b, "getComputedStyle(document.body).fontSize"); got != text {
			b.t.Errorf("%s: main text of %s at size %s, want %s", name, got, size, text)
		}
		if out := js[[]string](b, tooSmall); len(out) > 0 {
			b.t.Errorf("%s at size %s: %q", name, size, out)
		}
		if out := js[[]string](b, overflowing); len(out) > 0 {
			b.t.Errorf("%s at size %s overflows: %q", name, size, out)
		}
	}
	js[string](b, "document.documentElement.dataset.elder = '2'")
	b.inWords(name)
	b.accessible("elder " + name)
	b.textSize(doubleText)
	if out := js[[]string](b, overflowing); len(out) > 0 {
		b.shoot("elder-double-" + name)
		b.t.Errorf("%s at double text overflows: %q", name, out)
	}
	b.textSize(plainText)
}

// The standard screens stand in the mode for older persons too, for who looks
// for more than the six things.
func TestTheModeForOlderPersonsIsOneTapAwayAndReadableOnEveryScreen(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{})
	p := st.phone(roamer)
	_, _, err := p.OpenMiniApp(t.Context(), "cn.gov.demo.p41")
	must(t, err)
	number := st.filed(p, "elder").ID
	st.decide(number, province.Move{State: "RECEIVED"})
	b.visit(st.conf.Issuer)
	b.tap(".elder-switch", "长辈版")
	b.readable("welcome")
	b.signIn(st.conf.Issuer, roamer)
	b.see("社保缴费", "找人帮忙")
	for path, words := range map[string]string{
		"/licences": "有效", "/matters": "跨省通办", "/matter/" + filing: "在哪里办", "/matter/" + filing + "/" + henan: "确认提交",
		"/case/" + number: "业务协同编号", "/cases": "已收件", "/apps": "各地应用", "/app/cn.gov.demo.p31": "同意并打开",
		"/inbox": "收件", "/me": "退出登录", "/ledger": "依据", "/consents": "撤回同意", "/sessions": "本机", "/search": "搜一搜",
	} {
		b.tapTo(path, words)
		b.readable(path)
	}
	b.tap("a.way-home", "回首页")
	b.see("字的大小")
	b.tap("[aria-pressed]", "最大")
	if got := js[string](b, "getComputedStyle(document.body).fontSize"); got != "30px" {
		t.Errorf("the largest text is %s", got)
	}
	b.do(chromedp.Reload())
	b.see("社保缴费") // remembered
	b.tap(".elder-switch", "标准版")
	b.see("各地的信息")
	if got := js[string](b, "getComputedStyle(document.body).fontSize"); got != "16px" {
		t.Errorf("back in the standard mode text is %s", got)
	}
}

func TestThePageKeepsASignInAsLongAsItLives(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.do(chromedp.Navigate(st.conf.Issuer + "/phone/?code=stolen&state=foreign&iss=" + st.conf.Issuer))
	b.see("这次登录不是从本页开始的")
	b.signIn(st.conf.Issuer, roamer)
	if at := js[string](b, "location.search"); at != "" {
		t.Errorf("the code stays in the address: %d characters", len(at))
	}
	if kept := js[int](b, "localStorage.length"); kept != 0 {
		t.Errorf("%d things are kept beyond the tab", kept)
	}
	b.do(chromedp.Reload())
	b.see("，"+roamer, "各地的信息") // nothing was asked again
	b.tapTo("/sessions", "本机", "手机网页")
	b.tap("summary", "改个好认的名字")
	b.choose("input[id^=f-name-]", "客厅的平板")
	b.wellMade("device-name")
	b.tap("button", "保存")
	b.until("its name", "document.querySelector('.use h2')?.innerText === '客厅的平板'")

	other := st.phone(roamer)
	var mine struct {
		Sessions []struct{ ID, Device string }
	}
	must(t, other.Ask(t.Context(), "Me", nil, &mine))
	for _, s := range mine.Sessions {
		if s.Device == "客厅的平板" {
			must(t, other.Ask(t.Context(), "EndSession", map[string]any{"input": map[string]any{"session": s.ID}}, nil))
		}
	}
	b.tapTo("/licences")
	b.see("登录", "一次登录，全国通办", "您已退出登录，请重新登录。")
}

func TestThePageSaysInWordsThatTheLineIsBrokenOrSlow(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.settled()
	b.line(network.Conditions{Offline: true})
	b.see("网络断开了")
	b.tapTo("/licences", "网络连不上，请检查网络后再试。", "再试一次")
	b.line(network.Conditions{Latency: 4000})
	b.tap("button", "再试一次")
	b.see("有些慢，还在等对方回应…")
	b.see("居民身份证")
}

// line sets how the phone's line is.
func (b *tab) line(c network.Conditions) {
	b.t.Helper()
	c.DownloadThroughput, c.UploadThroughput = -1, -1
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: c.Offline, Latency: c.Latency, DownloadThroughput: -1, UploadThroughput: -1,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&c}})
		return err
	}))
}

// A province that puts markup where words belong changes nothing but words.
func TestMarkupFromAProvinceIsShownAsText(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	number := st.filed(p, "markup").ID
	const note = `<img src=x onerror="document.title='taken'"><b>注意</b>`
	st.decide(number, province.Move{State: "RECEIVED", Note: note})
	b.signIn(st.conf.Issuer, roamer)
	b.tapTo("/case/"+number, note)
	if js[int](b, "document.querySelectorAll('main b, main img[src=x]').length") != 0 {
		t.Error("a province's words became markup")
	}
	if err := journey.Until(t.Context(), 10*time.Millisecond, func() (bool, error) { return js[string](b, "document.title") == "taken", nil }); err == nil {
		t.Error("a province's words ran")
	}
	res, err := http.Get(st.conf.Issuer + "/phone/")
	must(t, err)
	_ = res.Body.Close()
	if res.Header.Get("Content-Security-Policy") == "" {
		t.Error("no policy came with the page")
	}
}

package journey_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// scan reads the QR code on the screen, as another's camera does.
func (b *tab) scan() string {
	b.t.Helper()
	b.until("a code", "document.querySelector('.qr')")
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	must(b.t, err)
	at := filepath.Join(b.t.TempDir(), "screen.png")
	must(b.t, os.WriteFile(at, picture, 0o600))
	read, err := exec.CommandContext(b.t.Context(), "zbarimg", "-q", "--raw", at).Output()
	if err != nil {
		b.t.Fatalf("zbarimg reads nothing on the screen: %v", err)
	}
	return strings.TrimSpace(string(read))
}

// hurry makes the page's seconds short.
func (b *tab) hurry() {
	b.t.Helper()
	js[bool](b, `(() => { const quick = 40, now = performance.now.bind(performance), began = now(), wait = setTimeout;
		performance.now = () => began + (now() - began) * quick;
		globalThis.setTimeout = (f, ms, ...more) => wait(f, ms <= 1000 ? ms / quick : ms, ...more); return true; })()`)
}

// demand: D40
// demand: D07
func TestAHolderShowsALicenceAndSeesWhoCheckedIt(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.tapTo("/licences", "居民身份证")
	b.tap("a.show", "亮证")
	b.see("让对方看到什么", "身份证件号码", "敏感")
	b.wellMade("show-choose")
	if js[bool](b, "document.querySelector('#field-ID_NUMBER').checked || document.querySelector('#field-HOLDER').checked") {
		t.Error("what is sensitive is shown before it was chosen")
	}
	b.tap("label", "身份证件号码")
	b.tap("#show-code", "出示二维码")
	b.see("秒", "后自动换新码", "对方会看到")
	first := b.scan()
	if !strings.HasPrefix(first, st.conf.Issuer+"/scan#") {
		t.Fatal("the code is no link of the product's")
	}
	b.wellMade("show-code")

	desk := st.desk(hotel)
	asked, err := desk.Check(t.Context(), first, "hotel-check-in", "ID_NUMBER")
	must(t, err)
	b.see("有人要查看您的信息", "示例酒店(演示)", "旅馆住宿登记", "身份证件号码（敏感）", "秒 内答复")
	b.wellMade("approval")
	b.tap("#approve", "同意给对方看")
	b.see("已同意")
	st.until("the desk is told", func() (bool, error) {
		got, err := desk.Result(t.Context(), asked.ID)
		return got.Value("ID_NUMBER") != "", err
	})
	b.until("told on the spot", "document.querySelector('.checked')")
	b.tap("a.checked", "示例酒店")
	b.see("谁用了我的数据", "示例酒店(演示)", "上海市黄浦区", "旅馆住宿登记", "身份证号", "核验机构")
	b.wellMade("ledger-check")

	again, err := desk.Check(t.Context(), first, "hotel-check-in", "ID_NUMBER")
	if err == nil {
		t.Errorf("a code works twice: %s", again.State)
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D40
func TestWhatAHolderRefusesIsNotTold(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	p := st.phone(roamer)
	code := st.show(p, st.licence(p, henan, "居民身份证"), "ID_NUMBER")
	desk := st.desk(hotel)
	asked, err := desk.Check(t.Context(), code.URL, "hotel-check-in")
	must(t, err)
	b.see("有人要查看您的信息") // on whatever screen the holder is
	b.tap("#refuse", "不同意")
	b.see("已拒绝，对方什么也没有得到。")
	got, err := desk.Result(t.Context(), asked.ID)
	must(t, err)
	if got.State != "REFUSED" || got.Value("ID_NUMBER") != "" {
		t.Errorf("after a refusal: %s", got.State)
	}
}

// A code is renewed while it is looked at, and ends when its screen is left.
func TestACodeOnTheScreenIsRenewedAndEndsWithIt(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.hurry()
	b.tapTo("/licences", "居民身份证")
	b.tap("a.show", "亮证")
	b.tap("#show-code", "出示二维码")
	b.until("a code", "document.querySelector('.qr')")
	first := js[string](b, "document.querySelector('.qr path').getAttribute('d')")
	b.until("the next code", fmt.Sprintf("document.querySelector('.qr path') && document.querySelector('.qr path').getAttribute('d') !== %s", quoted(first)))
	b.tapTo("/home", "各地的信息")
	b.settled()
	if js[int](b, "document.querySelectorAll('.qr').length") != 0 {
		t.Error("a code is shown on")
	}
	asked := js[int](b, "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/mobile/graphql')).length")
	js[bool](b, "new Promise(go => setTimeout(() => go(true), 1500))") // 90 s of the page's
	if now := js[int](b, "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/mobile/graphql')).length"); now > asked+1 {
		t.Errorf("%d requests after the screen was left", now-asked)
	}
}

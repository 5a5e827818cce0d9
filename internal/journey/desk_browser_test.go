package journey_test

import (
	"bytes"
	"context"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/bff/verifier"
	device "github.com/tongban/tongban/mocks/verifier"
)

// device is the page of the verifiers' devices.
func (st *stage) device() http.Handler {
	st.t.Helper()
	operations, err := verifier.Operations()
	must(st.t, err)
	page, err := device.NewPage(device.PageConfig{Issuer: st.conf.Issuer, Front: st.conf.Issuer + verifier.Path,
		Operations: operations, Organisations: st.world.Verifiers, Now: st.clock.Now})
	must(st.t, err)
	return page
}

// deskPage is that page on a listener of its own, as an organisation's is.
func (st *stage) deskPage() string {
	st.t.Helper()
	server := httptest.NewServer(st.device())
	st.t.Cleanup(server.Close)
	return server.URL + device.Path
}

// picture keeps the screen as a file and gives its place.
func (b *tab) picture() string {
	b.t.Helper()
	b.until("a code", "document.querySelector('.qr')")
	raw, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	must(b.t, err)
	at := filepath.Join(b.t.TempDir(), "screen.png")
	must(b.t, os.WriteFile(at, raw, 0o600))
	return at
}

// seenBy is a browser whose camera looks at a picture.
func seenBy(t *testing.T, picture string) *tab {
	t.Helper()
	raw, err := os.ReadFile(picture)
	must(t, err)
	frame, err := png.Decode(bytes.NewReader(raw))
	must(t, err)
	var film bytes.Buffer
	for range 3 { // MJPEG is one picture after the other, shown again and again
		must(t, jpeg.Encode(&film, frame, &jpeg.Options{Quality: 95}))
	}
	at := filepath.Join(t.TempDir(), "camera.mjpeg")
	must(t, os.WriteFile(at, film.Bytes(), 0o600))
	source, err := os.ReadFile(filepath.Join(clients, "node_modules", "axe-core", "axe.min.js"))
	must(t, err)
	browser, end := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", at))
	b := &tab{t: t, axe: string(source)}
	ctx, leave := chromedp.NewContext(browser, chromedp.WithListener(b.hear))
	t.Cleanup(func() { leave(); end() })
	b.ctx = ctx
	b.dress()
	return b
}

// showing opens a licence's code on the holder's screen, with these fields besides.
func (b *tab) showing(kind string, fields ...string) {
	b.t.Helper()
	b.tapTo("/licences", kind)
	b.tap("a.show", kind)
	b.see("让对方看到什么")
	for _, f := range fields {
		b.tap("label", f)
	}
	b.tap("#show-code", "出示二维码")
}

// demand: D40
func TestAnOfficerReadsACodeFromThePhoneAndIsAnsweredInWords(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.showing("机动车行驶证")
	desk := b.another()
	desk.do(chromedp.Navigate(st.deskPage()))
	desk.see("示例酒店(演示)", "旅馆住宿登记")
	desk.wellMade("desk-ready")
	desk.choose("#organisation", traffic)
	desk.see("示例交警大队(演示)", "路面执法查验")
	js[bool](desk, "document.querySelector('#otherwise').open = true")
	desk.do(chromedp.SetUploadFiles("#image", []string{b.picture()}))
	desk.see("✓ 有效", "来源：随申办", "刚刚的答复", "机动车行驶证", "持证人没有出示", "已记入持证人的数据使用记录")
	desk.wellMade("desk-valid")
	b.until("told on the spot", "document.querySelector('.checked')")
	b.tap("a.checked", "示例交警大队")
	b.see("谁用了我的数据", "示例交警大队(演示)", "河南省郑州市", "路面执法查验")

	desk.choose("#text", "我是谁")
	desk.tap("#otherwise button", "核验")
	desk.see("这不是亮证码")
	desk.choose("#text", strings.Repeat("A", 22))
	desk.tap("#otherwise button", "核验")
	desk.see("没有核验成功")
	desk.wellMade("desk-refused")
	if told := slices.Concat(b.complaints(), desk.complaints()); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D40
func TestAnOfficersCameraReadsTheScreenAndTheHolderIsAskedFirst(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.showing("居民身份证", "身份证件号码")
	desk := seenBy(t, b.picture())
	desk.do(chromedp.Navigate(st.deskPage()))
	desk.see("旅馆住宿登记")
	desk.tap("#scan", "扫码核验")
	desk.see("等待持证人同意")
	desk.wellMade("desk-waiting")
	b.see("有人要查看您的信息", "示例酒店(演示)", "身份证件号码（敏感）")
	b.tap("#approve", "同意给对方看")
	desk.see("✓ 有效", "身份证件号码", st.person(roamer).IDNumber)
	desk.shoot("desk-approved")
	if told := desk.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D40
func TestAnIssuerThatIsDownIsToldToTheOfficerInPlainWords(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	code := st.show(p, st.licence(p, henan, "机动车驾驶证"), "TYPE", "EXPIRES_ON")
	must(t, st.province(henan).Kill())
	b.do(chromedp.Navigate(st.deskPage()))
	b.see("旅馆住宿登记") // the page listens from then on
	b.choose("#organisation", traffic)
	b.see("路面执法查验")
	js[bool](b, "document.querySelector('#otherwise').open = true")
	b.choose("#text", code.URL)
	b.tap("#otherwise button", "核验")
	b.see("? 无法确认", "起无法确认", "最后一次得知：有效", "没有回应")
	b.wellMade("desk-unknown")
}

package journey_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pictureMost is how large a picture of the README may be, in bytes.
const pictureMost = 150_000

// TestThePicturesOfTheReadme takes them anew into the folder that
// TONGBAN_PICTURES names: make pictures.
func TestThePicturesOfTheReadme(t *testing.T) {
	dir := os.Getenv("TONGBAN_PICTURES")
	if dir == "" {
		t.Skip("TONGBAN_PICTURES names no folder")
	}
	b := openTab(t)
	st := withPages(t, setting{areas: eight})
	b.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(1.5)))
	_, _, err := st.phone(roamer).OpenMiniApp(t.Context(), "cn.gov.demo.p31")
	must(t, err)
	b.signIn(st.conf.Issuer, roamer)
	b.see("各地的信息", "刚刚")
	b.keep(dir, "phone-home")
	b.tapTo("/licences", "居民身份证")
	b.tap("a.show", "亮证")
	b.tap("#show-code", "出示二维码")
	b.until("a code", "document.querySelector('.qr')")
	b.keep(dir, "phone-code")
	b.tapTo("/matter/"+filing+"/"+henan, "3 份材料都替您找到了")
	b.keep(dir, "phone-matter")
	st.filed(st.phone(roamer), "pictures")
	b.tapTo("/ledger", "河南省(示例)")
	b.keep(dir, "phone-ledger")
	b.tapTo("/home", "各地的信息")
	b.tap(".elder-switch", "长辈版")
	b.see("社保缴费", "找人帮忙")
	b.keep(dir, "elder-home")
	b.tap(".entry", "我的证件")
	b.way("居民身份证")
	b.until("a code", "document.querySelector('.qr')")
	b.keep(dir, "elder-code")
	b.homeAgain()
	b.tap(".entry", "医保服务")
	b.tap(".way", "去外地看病")
	b.tap(".way", "上海市")
	b.see("确认登记")
	b.keep(dir, "elder-matter")
	b.homeAgain()
	b.tap(".entry", "社保缴费")
	b.see("去缴费")
	b.keep(dir, "elder-pay")
	b.homeAgain()
	b.tap("[aria-pressed]", "最大")
	b.see("社保缴费")
	b.keep(dir, "elder-largest")
	b.tap(".elder-switch", "标准版")
	must(t, st.province(jiangsu).Kill())
	st.later(10 * time.Minute)
	b.tapTo("/home", "各地的信息")
	b.settled()
	b.keepOf(dir, "phone-freshness", `[data-province="320000"]`)
}

// keep writes the screen, as small as PNG makes it.
func (b *tab) keep(dir, name string) { b.t.Helper(); b.keepOf(dir, name, "body") }

// keepOf writes the screen with an element in its middle.
func (b *tab) keepOf(dir, name, selector string) {
	b.t.Helper()
	b.settled()
	js[bool](b, "(document.querySelector('.toast')?.remove(), scrollTo(0, 0), "+quoted(selector)+" === 'body' || document.querySelector("+quoted(selector)+").scrollIntoView({block: 'center', behavior: 'instant'}), true)")
	raw, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	must(b.t, err)
	img, err := png.Decode(bytes.NewReader(raw))
	must(b.t, err)
	var small bytes.Buffer
	must(b.t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, img))
	if small.Len() > pictureMost {
		b.t.Errorf("%s has %d bytes", name, small.Len())
	}
	must(b.t, os.WriteFile(filepath.Join(dir, name+".png"), small.Bytes(), 0o644))
}

package journey_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/mocks/phone"
	scene "github.com/tongban/tongban/mocks/stage"
	device "github.com/tongban/tongban/mocks/verifier"
)

// scene is the page that shows the product with its outside world.
func (st *stage) scene() http.Handler {
	st.t.Helper()
	page, err := scene.New(scene.Config{World: st.world, Phone: phone.Path + "?mode=standard", Elderly: phone.Path + "?mode=elderly", Verifier: device.Path})
	must(st.t, err)
	return page
}

// seeIn waits until the words stand in a phone on the stage.
func (b *tab) seeIn(frame, words string) {
	b.t.Helper()
	b.until(words+" in "+frame, fmt.Sprintf("document.getElementById(%s)?.contentDocument?.body?.innerText.includes(%s)", quoted(frame), quoted(words)))
}

func TestTheStageShowsBothPhonesAndWhatTheOutsideDoes(t *testing.T) {
	st := withPages(t, setting{})
	b := openTab(t)
	b.signIn(st.conf.Issuer, roamer)
	b.do(chromedp.EmulateViewport(1720, 1000, chromedp.EmulateScale(1)))
	b.do(chromedp.Navigate(st.conf.Issuer + scene.Path))
	b.seeIn("standard", "，"+roamer)
	b.seeIn("elderly", "社保缴费")
	b.until("one sign-in", `document.querySelector('[data-count=sign_ins] dd')?.textContent === '1'`)
	b.until("no jump", `document.querySelector('[data-count=jumps] dd')?.textContent === '0'`)
	b.until("the log", `document.querySelector('#log td')`)
	b.shoot("stage")

	b.tap("[data-switch=down-320000]", "江苏")
	b.until("Jiangsu is gone", `document.querySelector('[data-switch=down-320000]').className === 'on'`)
	if st.province("320000").State().Running {
		t.Error("the switch moved nothing")
	}
	b.tap("#consents", "撤回授权")
	b.until("the consents", `document.getElementById('standard').contentWindow.location.hash === '#/consents'`)
	b.tap("[data-switch=down-320000]", "江苏")
	b.until("Jiangsu is back", `document.querySelector('[data-switch=down-320000]').className === ''`)
	if !st.province("320000").State().Running {
		t.Error("the switch gave nothing back")
	}
	b.accessible("stage")
	for _, told := range b.complaints() {
		t.Error(told)
	}
}

package journey_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
)

// The page runs without the internet, and shows beside an answer where the time went.
func TestGraphiQLShowsWhereTheTimeGoes(t *testing.T) {
	b := openTab(t)
	st := start(t, setting{areas: []string{henan}})
	for path, first := range map[string]string{mobile.Front().GraphiQLPath(): "homeTiles", miniprogram.Front().GraphiQLPath(): "visitor"} {
		b.do(chromedp.EmulateViewport(1200, 800), chromedp.Navigate(st.conf.Issuer+path))
		b.see(first)
		b.tap(".graphiql-execute-button", "")
		b.see("waterfall", "tookMs", "sources")
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

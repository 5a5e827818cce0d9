package journey_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/internal/ids"
)

// The page's policy names the origins of the day it was loaded. An app that is
// plugged in afterwards opens too, and the policy stays exact.
//
// demand: D42
func TestAMiniAppPluggedInLaterOpensInAPageThatStands(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	app, registry := st.province(shanghai), st.registrar()
	must(t, registry.Suspend(t.Context(), ids.AppID(app.AppID()), "operator", "not yet"))
	st.until("the app is off the list", func() (bool, error) { return !strings.Contains(st.read(open.AppsPath), app.URL()), nil })
	b.signIn(st.conf.Issuer, roamer)
	b.settled()
	if strings.Contains(js[string](b, "document.querySelector('meta[name=frames]').content"), app.URL()) {
		t.Fatal("the page allows the origin of an app that is not there")
	}
	must(t, registry.Resume(t.Context(), ids.AppID(app.AppID()), "operator", "now"))
	st.until("the app is on the list", func() (bool, error) { return strings.Contains(st.read(open.AppsPath), app.URL()), nil })
	b.tapTo("/app/"+app.AppID(), "同意并打开")
	b.tap("button", "同意并打开")
	st.until("the mini-app greets", func() (bool, error) { return strings.Contains(b.inFrame(), "张**"), nil })
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

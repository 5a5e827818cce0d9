package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/miniapp"
)

// gram is how long a value must be to tell two persons apart, in bytes.
const gram = 8

// captured is every run of eight bytes in what an app got of one person.
type captured map[string]bool

// add takes an answer, and what its tokens say. Names before a colon or an
// underscore stand apart, so that no run holds a constant and a random letter,
// which two apps may share by chance.
func (c captured) add(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(` "{}[],&?=:`, r) }) {
			if word, err := url.QueryUnescape(word); err == nil {
				c.take(word)
			}
			if parts := strings.Split(word, "."); len(parts) == 3 && len(word) > 200 {
				for _, part := range parts[:2] {
					raw, err := base64.RawURLEncoding.DecodeString(part)
					if err != nil {
						t.Fatal(err)
					}
					c.add(t, string(raw))
				}
			}
		}
	}
}

// take notes the runs of a word; of a token only its signature, since its
// other parts are read, and the spelling of constants is one.
func (c captured) take(word string) {
	if parts := strings.Split(word, "."); len(parts) == 3 && len(word) > 200 {
		word = parts[2]
	}
	for part := range strings.SplitSeq(word, "_") {
		for i := 0; i+gram <= len(part); i++ {
			c[part[i:i+gram]] = true
		}
	}
}

// gets has an app do all that it may with one person, and gives what it got.
func (w *world) gets(t testing.TB, p person, app ids.AppID, backend *proof.Device) captured {
	t.Helper()
	got := captured{}
	l, err := w.access.OpenMiniApp(t.Context(), p.Actor, p.Session, app, "pages/index")
	if err != nil {
		t.Fatal(err)
	}
	opened, _ := url.Parse(l.URL)
	got.add(t, opened.RawQuery)
	pushed := w.proved(t, backend, "/oauth2/par", w.as(t, app, with(pushRequest(app, opened.Query().Get("login_hint")),
		"scope", "openid profile phone offline_access", "max_age", "86400", "state", "state-of-"+string(app), "nonce", "nonce-of-"+string(app))))
	back := w.browse(app, pushed.text("request_uri"))
	tokens := w.proved(t, backend, "/oauth2/token", w.as(t, app, appRedeem(app, back.to(t).Get("code"))))
	renewed := w.proved(t, backend, "/oauth2/token", w.as(t, app, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.text("refresh_token")}}))
	exchanged := w.proved(t, backend, "/oauth2/token", w.as(t, app, exchangeForm(renewed.text("access_token"), "resource", front)))
	info := w.boundUserinfo(t, backend, tokens.text("access_token"))
	told := w.post("/oauth2/introspect", w.as(t, app, url.Values{"token": {renewed.text("access_token")}}))
	for _, a := range []answer{tokens, renewed, exchanged, info, told} {
		if a.status != http.StatusOK || len(a.raw) < 40 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		got.add(t, a.raw)
	}
	back.to(t).Del("state")
	got.add(t, pushed.raw, back.header.Get("Location"))
	return got
}

// Two mini-apps that lay side by side all they ever got about one person find
// nothing in common but what the person disclosed to both, and what they got of
// another person as well.
func TestTwoMiniAppsCannotJoinWhatTheyGot(t *testing.T) {
	w := production(t)
	for _, app := range []ids.AppID{henan, zhejiang} {
		w.apps.change(app, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
	}
	backends := map[ids.AppID]*proof.Device{henan: newDevice(t), zhejiang: newDevice(t)}
	both := func(p person) (one, other captured) {
		w.agree(t, p, henan, "name")
		w.agree(t, p, zhejiang, "name")
		one = w.gets(t, p, henan, backends[henan])
		w.clock.Advance(47 * time.Second) // nobody opens two apps in one second
		w.poll(t)
		return one, w.gets(t, p, zhejiang, backends[zhejiang])
	}
	first, _ := w.boundSignIn(t, newDevice(t))
	one, other := both(first)
	w.source.Says = identitytest.Other()
	second, _ := w.boundSignIn(t, newDevice(t))
	oneElse, otherElse := both(second)
	disclosed := captured{}
	disclosed.add(t, identitytest.Evidence().Name)

	joins, known := 0, 0
	for run := range one {
		if !other[run] {
			continue
		}
		if oneElse[run] || otherElse[run] || disclosed[run] {
			known++
			continue
		}
		joins++
		t.Errorf("both apps hold %q", run)
	}
	if joins == 0 && (known < 50 || len(one) < 500) {
		t.Fatalf("only %d constants in %d runs were met: the capture is of the wrong things", known, len(one))
	}
}

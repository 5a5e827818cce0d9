package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/miniapp"
)

// endings are what can end between two steps of a launch.
var endings = map[string]struct {
	do    func(t *testing.T, w *world, p person)
	error string
}{
	"signed out": {func(t *testing.T, w *world, p person) {
		if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
			t.Fatal(err)
		}
	}, "login_required"},
	"consent withdrawn": {func(t *testing.T, w *world, p person) {
		list, _, err := w.consent.List(t.Context(), p.Actor.Subject, consent.Page{})
		i := slices.IndexFunc(list, func(c consent.Consent) bool { return c.App == henan })
		if err != nil || i < 0 {
			t.Fatalf("%v, %v", list, err)
		}
		if err := w.consent.Withdraw(t.Context(), p.Actor, list[i].ID); err != nil {
			t.Fatal(err)
		}
	}, "consent_required"},
	"app suspended": {func(_ *testing.T, w *world, _ person) {
		w.apps.change(henan, func(a *miniapp.App) { a.State = miniapp.Suspended })
	}, "unauthorized_client"},
	"level raised": {func(_ *testing.T, w *world, _ person) {
		w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.LevelMin = 5 })
	}, "interaction_required"},
}

func TestWhatEndsBetweenPushAndAuthorizeIsSaid(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			uri := w.push(t, henan, w.launch(t, p, henan))
			c.do(t, w, p)
			if q := w.browse(henan, uri).to(t); q.Get("error") != c.error || q.Get("code") != "" || q.Get("state") != "st" || q.Get("iss") != issuer {
				t.Fatalf("%v", q)
			}
		})
	}
}

func TestWhatEndsBeforeRedeemingGivesNothing(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			form := w.as(t, henan, appRedeem(henan, w.appCode(t, p, henan)))
			c.do(t, w, p)
			a := w.post("/oauth2/token", form)
			if (a.text("error") != "invalid_grant" && a.text("error") != "invalid_client") || a.text("access_token") != "" {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			if len(w.uses(t, p)) != 0 {
				t.Fatal("the ledger says that something was given")
			}
		})
	}
}

func TestWhatEndsLaterEndsTheToken(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			token := w.openApp(t, p, henan).text("access_token")
			if a := w.userinfo(token); a.status != http.StatusOK {
				t.Fatalf("before: %d", a.status)
			}
			c.do(t, w, p)
			a := w.userinfo(token)
			want(t, a, http.StatusUnauthorized, "invalid_token")
			if !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) || a.text("name") != "" {
				t.Fatalf("%v", a.header)
			}
		})
	}
}

func TestAScopeThatLeftTheManifestIsNotGiven(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	code := w.appCode(t, p, henan)
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = []string{"openid"} })
	a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	if a.status != http.StatusOK || a.text("scope") != "openid" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
}

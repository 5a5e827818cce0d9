package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
)

func TestIntrospectionTellsItsOwnClientOnly(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	token := w.openApp(t, p, henan).text("access_token")
	ask := func(app ids.AppID, token string) answer {
		return w.post("/oauth2/introspect", w.as(t, app, url.Values{"token": {token}}))
	}
	if a := ask(henan, token); a.body["active"] != true || a.text("client_id") != henan || a.text("sub") == "" {
		t.Fatalf("%s", a.raw)
	}
	if got := w.uses(t, p); len(got) != 2 {
		t.Fatalf("%d entries in the ledger", len(got))
	}
	for _, a := range []answer{ask(zhejiang, token), ask(henan, p.token), ask(henan, "x")} {
		if a.status != http.StatusOK || a.raw != `{"active":false}` {
			t.Fatalf("%d %s", a.status, a.raw)
		}
	}
	want(t, w.post("/oauth2/introspect", url.Values{"token": {token}, "client_id": {access.MobileClient}}), http.StatusUnauthorized, "invalid_client")
	if a := w.post("/oauth2/revoke", w.as(t, zhejiang, url.Values{"token": {token}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if a := ask(henan, token); a.body["active"] != true {
		t.Fatal("another client revoked it")
	}
	if a := w.post("/oauth2/revoke", w.as(t, henan, url.Values{"token": {token}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if a := ask(henan, token); a.raw != `{"active":false}` {
		t.Fatalf("after revoking: %s", a.raw)
	}
}

// introspects asks about a token as the device's app does: with its own token by.
func (w *world) introspects(t testing.TB, d *proof.Device, by, token string, change ...string) answer {
	t.Helper()
	return w.introspectsWith("DPoP "+by, w.prove(t, d, http.MethodPost, "/oauth2/introspect", by), with(url.Values{"token": {token}}, change...))
}

func (w *world) introspectsWith(authorization, proof string, f url.Values) answer {
	r := httptest.NewRequest(http.MethodPost, "/oauth2/introspect", strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", authorization)
	if proof != "" {
		r.Header.Set("DPoP", proof)
	}
	return w.do(r)
}

// demand: D01
func TestOurAppIntrospectsByItsToken(t *testing.T) {
	w := production(t)
	phone, thief := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	next := w.proved(t, phone, "/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {p.refresh}, "client_id": {access.MobileClient}})
	for _, token := range []string{p.token, next.text("access_token")} {
		a := w.introspects(t, phone, p.token, token)
		cnf, _ := a.body["cnf"].(map[string]any)
		if a.status != http.StatusOK || a.body["active"] != true || a.text("sub") != string(p.Actor.Subject) || a.text("token_type") != "DPoP" || cnf["jkt"] != phone.Thumbprint() {
			t.Fatalf("%d %s", a.status, a.raw)
		}
	}
	other, _ := w.boundSignIn(t, thief)
	w.agree(t, p, henan, "name")
	app := w.openBound(t, p, henan, thief).text("access_token")
	for name, token := range map[string]string{
		"another sign-in's": other.token, "a mini-app's": app, "a refresh token": next.text("refresh_token"), "nothing": "", "spoilt": p.token + "x",
	} {
		t.Run("it is told nothing of "+name, func(t *testing.T) {
			if a := w.introspects(t, phone, p.token, token); a.status != http.StatusOK || a.raw != `{"active":false}` {
				t.Fatalf("%d %s", a.status, a.raw)
			}
		})
	}
	asked := url.Values{"token": {p.token}}
	once := w.prove(t, phone, http.MethodPost, "/oauth2/introspect", p.token)
	if a := w.introspectsWith("DPoP "+p.token, once, asked); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	for name, c := range map[string]struct {
		a     answer
		error string
	}{
		"a proof used before":         {w.introspectsWith("DPoP "+p.token, once, asked), "invalid_dpop_proof"},
		"a proof of another key":      {w.introspects(t, thief, p.token, p.token), "invalid_dpop_proof"},
		"a proof for another address": {w.introspectsWith("DPoP "+p.token, w.prove(t, phone, http.MethodPost, "/oauth2/userinfo", p.token), asked), "invalid_dpop_proof"},
		"no proof":                    {w.introspectsWith("DPoP "+p.token, "", asked), "invalid_dpop_proof"},
		"a bound token as a bearer's": {w.introspectsWith("Bearer "+p.token, "", asked), "invalid_token"},
		"a mini-app's token":          {w.introspects(t, thief, app, app), "invalid_token"},
	} {
		t.Run("by "+name, func(t *testing.T) { want(t, c.a, http.StatusUnauthorized, c.error) })
	}
	want(t, w.introspects(t, phone, p.token, p.token, "client_assertion", "x"), http.StatusBadRequest, "invalid_request")
	if a := w.post("/oauth2/revoke", url.Values{"token": {next.text("refresh_token")}, "client_id": {access.MobileClient}}); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	w.poll(t)
	want(t, w.introspects(t, phone, p.token, p.token), http.StatusUnauthorized, "invalid_token")
}

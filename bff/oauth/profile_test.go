package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func TestNoPageOfOursIsFramedOrCached(t *testing.T) {
	w := production(t)
	for _, path := range []string{"/oauth2/authorize", "/oauth2/callback/national"} {
		a := w.get(path, url.Values{"client_id": {"somebody"}, "redirect_uri": {"https://evil.example"}})
		csp := a.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%s: %v", path, a.header)
		}
		if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Fatalf("%s leads on: %d %v", path, a.status, a.header)
		}
	}
}

// The page on which a person chooses a source has the address of a request: it
// goes nowhere by a Referer, and loads nothing from anywhere (RFC 9700 §4.2).
func TestTheChoiceOfASourceLeaksNothing(t *testing.T) {
	w := worldOf(t, databasetest.Open(t, rooms...), access.Config{}, named{&identitytest.Source{}, "henan", "河南"})
	pushed := w.proved(t, newDevice(t), "/oauth2/par", signInRequest())
	a := w.get("/oauth2/authorize", url.Values{"client_id": {access.MobileClient}, "request_uri": {pushed.text("request_uri")}})
	if a.status != http.StatusOK || strings.Count(a.raw, "<a ") != 2 {
		t.Fatalf("not the page: %d %s", a.status, a.raw)
	}
	if a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a.header)
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("%s", csp)
	}
	for _, part := range strings.Split(a.raw, "<a ")[1:] {
		if !strings.HasPrefix(part, `href="/oauth2/authorize?`) {
			t.Errorf("leads to %.60s", part)
		}
	}
	if strings.Contains(a.raw, "://") || strings.Contains(a.raw, "src=") || strings.Contains(a.raw, "<link") || strings.Contains(a.raw, "<script") {
		t.Errorf("loads something: %s", a.raw)
	}
}

func TestTheAuthorizationEndpointIsForBrowsersOnly(t *testing.T) {
	w := production(t)
	for _, method := range []string{http.MethodGet, http.MethodOptions} {
		r := httptest.NewRequest(method, "/oauth2/authorize", nil)
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Access-Control-Request-Method", http.MethodGet)
		for name := range w.do(r).header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Fatalf("%s answers scripts of other origins: %s", method, name)
			}
		}
	}
}

// Every secret that stands for a person or a request has 256 random bits.
func TestSecretsCannotBeGuessed(t *testing.T) {
	w := production(t)
	phone, backend := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	w.agree(t, p, henan, "name")
	seen := map[string]bool{}
	for range 20 {
		handle := w.launch(t, p, henan)
		pushed := w.proved(t, backend, "/oauth2/par", w.as(t, henan, pushRequest(henan, handle)))
		code := w.browse(henan, pushed.text("request_uri")).to(t).Get("code")
		for _, secret := range []string{handle, code, strings.TrimPrefix(pushed.text("request_uri"), "urn:ietf:params:oauth:request_uri:")} {
			raw, err := base64.RawURLEncoding.DecodeString(secret)
			if err != nil || len(raw) != 32 || seen[secret] {
				t.Fatalf("%d bytes, seen before: %v", len(raw), seen[secret])
			}
			seen[secret] = true
		}
	}
	if raw, err := base64.RawURLEncoding.DecodeString(p.refresh); err != nil || len(raw) != 32 {
		t.Fatalf("a refresh token of %d bytes", len(raw))
	}
}

func TestRedirectsAreSeeOther(t *testing.T) {
	w := production(t)
	phone, backend := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	w.agree(t, p, henan, "name")
	pushed := w.proved(t, backend, "/oauth2/par", w.as(t, henan, pushRequest(henan, w.launch(t, p, henan))))
	form := url.Values{"client_id": {henan}, "request_uri": {pushed.text("request_uri")}}
	if a := w.post("/oauth2/authorize", form); a.status != http.StatusSeeOther || a.raw != "" || a.header.Get("Location") == "" {
		t.Fatalf("%d %q", a.status, a.raw)
	}
	sign := w.proved(t, phone, "/oauth2/par", signInRequest())
	if a := w.get("/oauth2/authorize", url.Values{"client_id": {access.MobileClient}, "request_uri": {sign.text("request_uri")}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
}

// What an app is told of a person it is told by userinfo: no token, address or
// introspection answer carries a name, a number or a phone, whatever was
// consented to.
func TestNoTokenOrAddressCarriesThePerson(t *testing.T) {
	w := production(t)
	phone, backend := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	w.agree(t, p, henan, "name", "phone_number", "id_number")
	l, err := w.access.OpenMiniApp(t.Context(), p.Actor, p.Session, henan, "")
	if err != nil {
		t.Fatal(err)
	}
	a := w.openBound(t, p, henan, backend, "scope", "openid profile phone id_number", "nonce", "of-this-launch")
	exchanged := w.proved(t, backend, "/oauth2/token", w.as(t, henan, exchangeForm(a.text("access_token"), "resource", front)))
	told := w.post("/oauth2/introspect", w.as(t, henan, url.Values{"token": {a.text("access_token")}}))
	e := identitytest.Evidence()
	if info := w.boundUserinfo(t, backend, a.text("access_token")); info.text("id_number") != e.IDNumber || info.text("name") != e.Name || info.text("phone_number") != e.Phone {
		t.Fatalf("userinfo does not tell what was consented to: %d", info.status)
	}
	texts := map[string]string{"the launch's address": l.URL, "introspection": told.raw, "token answer": a.raw}
	for what, token := range map[string]string{
		"our app's token": p.token, "access token": a.text("access_token"), "ID token": a.text("id_token"), "exchanged token": exchanged.text("access_token"),
	} {
		for i, part := range strings.Split(token, ".")[:2] {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil || len(raw) < 20 {
				t.Fatalf("%s: part %d: %v", what, i, err)
			}
			texts[what] += string(raw)
		}
	}
	for what, text := range texts {
		if text == "" {
			t.Errorf("%s is empty: nothing was looked at", what)
		}
		for i, secret := range []string{e.Name, e.IDNumber, e.Phone, e.ExternalSub, e.CertKey, string(p.Actor.Subject)} {
			if what == "our app's token" && i == 5 {
				continue // its own subject
			}
			if secret == "" || strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("%s carries what nobody may read there (%d)", what, i)
			}
		}
	}
}

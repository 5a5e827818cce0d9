package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/services/access"
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

package oauth_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/oauth"
	"github.com/tongban/tongban/internal/limit"
)

// bounded gives a network a bucket of 50: two pages, ten calls or fifty looks.
func bounded(t *testing.T) *world {
	t.Helper()
	w := open(t)
	w.handler = oauth.New(oauth.Deps{Access: w.access, Log: slog.New(slog.DiscardHandler), Limiter: limit.NewLocal(w.clock), Burst: 5})
	return w
}

func TestANetworkThatAsksTooOftenIsToldWhen(t *testing.T) {
	for path, c := range map[string]struct {
		method string
		fit    int
	}{
		"/oauth2/authorize": {http.MethodGet, 2}, "/oauth2/callback/national": {http.MethodGet, 2}, "/oauth2/token": {http.MethodPost, 10},
		"/oauth2/par": {http.MethodPost, 10}, "/oauth2/introspect": {http.MethodPost, 10}, "/oauth2/revoke": {http.MethodPost, 10},
		"/oauth2/userinfo": {http.MethodGet, 10}, "/oauth2/jwks": {http.MethodGet, 50},
	} {
		t.Run(path, func(t *testing.T) {
			w := bounded(t)
			ask := func() answer {
				if c.method == http.MethodPost {
					return w.post(path, url.Values{})
				}
				return w.get(path, nil)
			}
			for i := range c.fit {
				if a := ask(); a.status == http.StatusTooManyRequests {
					t.Fatalf("refused at %d", i)
				}
			}
			a := ask()
			if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
				t.Fatalf("%d %q", a.status, a.header.Get("Retry-After"))
			}
			if page := c.fit == 2; page != strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !page && a.text("error") != "temporarily_unavailable" {
				t.Errorf("%s %s", a.header.Get("Content-Type"), a.raw)
			}
			w.clock.Advance(time.Minute)
			if a := ask(); a.status == http.StatusTooManyRequests {
				t.Error("still refused a minute later")
			}
		})
	}
}

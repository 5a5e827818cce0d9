package open_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/material"
)

// register knows one seal.
type register struct{ down bool }

func (r register) Check(_ context.Context, seal, _ string) (material.Checked, error) {
	if r.down {
		return material.Checked{}, fault.New("test", fault.Unavailable, "DATABASE_UNAVAILABLE")
	}
	if seal != "good" {
		return material.Checked{Verdict: material.False}, nil
	}
	return material.Checked{Verdict: material.Genuine, Title: "合伙协议"}, nil
}

func (register) Keys(context.Context) (signing.JWKS, error) {
	return signing.JWKS{Keys: []signing.JWK{{KeyType: "EC", KeyID: "k1"}}}, nil
}

func sealDoor(r register, burst int) http.Handler {
	return open.NewSeals(open.SealDeps{
		Seals: r, Limiter: limit.NewLocal(clock.At(time.Unix(1_800_000_000, 0))), Burst: burst, Log: slog.New(slog.DiscardHandler),
	})
}

func ask(h http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnybodyChecksASeal(t *testing.T) {
	h := sealDoor(register{}, 1000)
	for _, c := range []struct {
		name, kind, body string
		status           int
		says             string
	}{
		{"a good one", "application/json", `{"seal":"good"}`, 200, `"verdict":"GENUINE"`},
		{"a bad one", "application/json", `{"seal":"bad","sha256":""}`, 200, `{"verdict":"FALSE"}`},
		{"none", "application/json", `{}`, 400, "REQUEST_MALFORMED"},
		{"no JSON", "application/json", `seal=good`, 400, "REQUEST_MALFORMED"},
		{"a form", "application/x-www-form-urlencoded", `{"seal":"good"}`, 400, "REQUEST_MALFORMED"},
		{"too long", "application/json", `{"seal":"` + strings.Repeat("x", 9<<10) + `"}`, 400, "REQUEST_MALFORMED"},
	} {
		w := ask(h, "POST", open.SealCheckPath, c.kind, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	if w := ask(sealDoor(register{down: true}, 1000), "POST", open.SealCheckPath, "application/json", `{"seal":"good"}`); w.Code != 503 || strings.Contains(w.Body.String(), "GENUINE") {
		t.Errorf("nobody can tell: %d %s", w.Code, w.Body)
	}
	few := sealDoor(register{}, 1)
	last := 0
	for range 4 {
		last = ask(few, "POST", open.SealCheckPath, "application/json", `{"seal":"good"}`).Code
	}
	if last != 429 {
		t.Errorf("a flood: %d", last)
	}
}

func TestTheKeysOfSealsAreForEverybody(t *testing.T) {
	w := ask(sealDoor(register{}, 1000), "GET", open.SealKeysPath, "", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"kid":"k1"`) || w.Header().Get("Content-Type") != "application/jwk-set+json" ||
		w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestTheSealPageRunsItsOwnScriptAlone(t *testing.T) {
	w := ask(sealDoor(register{}, 1000), "GET", open.SealsPath, "", "")
	csp := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.Contains(csp, "script-src 'sha256-") || !strings.Contains(csp, "connect-src 'self'") ||
		!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%d %s", w.Code, csp)
	}
	if page := w.Body.String(); strings.Contains(page, "innerHTML") || strings.Contains(page, "https://") || strings.Count(page, "<script") != 1 {
		t.Error("the page loads or writes what it should not")
	}
}

package hooks_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/limit"
)

func TestANetworkThatSendsTooOftenIsToldWhen(t *testing.T) {
	w := newWorld(t)
	c := clock.At(noon)
	door := hooks.New(hooks.Deps{Issuer: issuer, Apps: w, Cases: w, Clock: c, Log: slog.New(slog.DiscardHandler), Limiter: limit.NewLocal(c), Burst: 1})
	send := func(from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/hooks/events", strings.NewReader("x"))
		r.RemoteAddr = from
		rec := httptest.NewRecorder()
		door.ServeHTTP(rec, r)
		return rec
	}
	for range 2 {
		if rec := send("192.0.2.1:1000"); rec.Code != http.StatusBadRequest {
			t.Fatal(rec.Code)
		}
	}
	if rec := send("192.0.2.200:1000"); rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") == "" || !strings.Contains(rec.Body.String(), `"err":"unavailable"`) {
		t.Fatalf("%d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	if rec := send("198.51.100.1:1000"); rec.Code != http.StatusBadRequest {
		t.Fatalf("another network: %d", rec.Code)
	}
}

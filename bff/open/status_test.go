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
	"github.com/tongban/tongban/services/access"
)

type lists struct{}

func (lists) StatusList(_ context.Context, id string) (access.StatusList, error) {
	switch id {
	case "known":
		return access.StatusList{Token: "a.b.c", ETag: `"e1"`, Left: 12900 * time.Millisecond}, nil
	case "broken":
		return access.StatusList{}, fault.New("test", fault.Unavailable, "UNAVAILABLE")
	}
	return access.StatusList{}, fault.New("test", fault.NotFound, "STATUS_LIST_NOT_FOUND")
}

func TestAStatusListIsForEverybodyAndForAsLongAsItSays(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("GET "+open.StatusPath, open.NewStatus(open.StatusDeps{
		Lists: lists{}, Limiter: limit.NewLocal(clock.At(time.Unix(1_800_000_000, 0))), Burst: 1, Log: slog.New(slog.DiscardHandler),
	}))
	get := func(id, etag string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/status/"+id, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		mux.ServeHTTP(w, r)
		return w
	}
	w := get("known", "")
	if h := w.Header(); w.Code != 200 || w.Body.String() != "a.b.c" || h.Get("Content-Type") != "application/statuslist+jwt" ||
		h.Get("Cache-Control") != "public, max-age=12" || h.Get("ETag") != `"e1"` || h.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v %s", w.Code, h, w.Body)
	}
	if w := get("known", `"e1"`); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "public, max-age=12" {
		t.Errorf("the same again: %d %v", w.Code, w.Header())
	}
	if w := get("known", `"e0"`); w.Code != 200 {
		t.Errorf("another: %d", w.Code)
	}
	for id, status := range map[string]int{"unknown": http.StatusNotFound, "broken": http.StatusServiceUnavailable} {
		if w := get(id, ""); w.Code != status || w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), `"code"`) {
			t.Errorf("%s: %d %v", id, w.Code, w.Header())
		}
	}
	for range 10 { // a network's whole bucket is ten
		w = get("known", "")
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a flood: %d %v", w.Code, w.Header())
	}
}

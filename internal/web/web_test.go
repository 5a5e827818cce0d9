package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/web"
)

func TestTheAccessLogCarriesNoQueryAndNoAddress(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /x/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	h := web.Around{Log: log, IDs: ids.Random(), Clock: clock.System{}}.Wrap(mux)
	r := httptest.NewRequest("GET", "/x/canary-path?q=canary-query", nil)
	r.RemoteAddr = "203.0.113.77:4711"
	h.ServeHTTP(httptest.NewRecorder(), r)
	if s := out.String(); !strings.Contains(s, "GET /x/{id}") || strings.Contains(s, "canary") || strings.Contains(s, "203.0.113.77") {
		t.Fatalf("log: %s", s)
	}
}

func TestAPanicIsAnswered500AndSaysNothing(t *testing.T) {
	h := web.Around{Log: slog.New(slog.DiscardHandler), IDs: ids.Random(), Clock: clock.System{}}.
		Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "canary") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestForeignRequestIDsAreReplacedWhenTheyAreNoIDs(t *testing.T) {
	h := web.Around{Log: slog.New(slog.DiscardHandler), IDs: ids.Random(), Clock: clock.System{}}.Wrap(http.NotFoundHandler())
	for in, kept := range map[string]bool{"abcdef-123456": true, "<script>alert": false, "": false} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Request-Id", in)
		h.ServeHTTP(w, r)
		if got := w.Header().Get("X-Request-Id"); (got == in) != kept || got == "" {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestNetworkIsNeverAFullAddress(t *testing.T) {
	for in, want := range map[string]string{"203.0.113.77:1": "203.0.113.0/24", "[2001:db8:1:2:3::4]:1": "2001:db8:1::/48", "bad": "", "[::ffff:203.0.113.9]:1": "203.0.113.0/24"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = in
		if got := web.Network(r); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestNotReadyNamesTheCheckAndHidesTheCause(t *testing.T) {
	w := httptest.NewRecorder()
	web.Checks{
		"database": func(context.Context) error { return errors.New("canary-dsn") },
		"changes":  func(context.Context) error { return nil },
	}.Ready(w, httptest.NewRequest("GET", "/readyz", nil))
	if b := w.Body.String(); w.Code != 503 || !strings.Contains(b, `"database":"failing"`) || !strings.Contains(b, `"changes":"ok"`) || strings.Contains(b, "canary") {
		t.Fatalf("%d %s", w.Code, b)
	}
}

func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inside, release := make(chan struct{}), make(chan struct{})
	s := web.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-release
		_, _ = io.WriteString(w, "late but whole")
	}), slog.New(slog.DiscardHandler))
	got := make(chan string, 1)
	go func() {
		res, err := http.Get(s.URL())
		if err != nil {
			got <- err.Error()
			return
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		got <- string(b)
	}()
	<-inside
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	close(release)
	if b := <-got; b != "late but whole" {
		t.Fatalf("in-flight request got %q", b)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestBrowsersAreHeldToTLSWhereThereIsSome(t *testing.T) {
	for transport, want := range map[string]string{"": "", web.OnlyTLS: "max-age=63072000; includeSubDomains; preload"} {
		h := web.Around{Log: slog.New(slog.DiscardHandler), IDs: ids.Random(), Clock: clock.System{}, Transport: transport}.
			Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := rec.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("%q", got)
		}
	}
}

// Who makes proofs sets their clock by it.
func TestTheDateIsThatOfOurClock(t *testing.T) {
	c := clock.At(time.Date(2026, 3, 2, 9, 0, 0, 900_000_000, time.FixedZone("CST", 8*60*60)))
	h := web.Around{Log: slog.New(slog.DiscardHandler), IDs: ids.Random(), Clock: c}.Wrap(http.NotFoundHandler())
	for _, want := range []string{"Mon, 02 Mar 2026 01:00:00 GMT", "Mon, 02 Mar 2026 01:00:01 GMT"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Date"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		c.Advance(time.Second)
	}
}

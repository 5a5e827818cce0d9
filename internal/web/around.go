package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/ids"
)

// Around is what every request passes first: request id, panic, security
// headers, one line in the access log, one observation.
type Around struct {
	Log   *slog.Logger
	IDs   *ids.Source
	Clock clock.Clock
	// Observe is told of each answered request; route is the pattern that
	// matched, never the path asked for. May be nil.
	Observe func(route string, status int, took time.Duration)
	// Transport is the Strict-Transport-Security header; empty where the product
	// is served by http, as in a demo.
	Transport string
}

// OnlyTLS has browsers come by TLS alone from now on, long enough to be
// preloaded (RFC 6797).
const OnlyTLS = "max-age=63072000; includeSubDomains; preload"

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// Wrap gives h with everything around it.
func (a Around) Wrap(h http.Handler) http.Handler {
	date := &dates{clock: a.Clock}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.Clock.Now()
		date.tell(w.Header())
		id := r.Header.Get("X-Request-Id")
		if !goodRequestID.MatchString(id) {
			id = a.IDs.New("req")
		}
		r.Header.Set("X-Request-Id", id)
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if a.Transport != "" {
			w.Header().Set("Strict-Transport-Security", a.Transport)
		}
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				a.Log.ErrorContext(r.Context(), "panic in a handler", "request", id, "route", r.Pattern, "stack", string(debug.Stack()))
				if rec.status == 0 {
					http.Error(rec, `{"error":"INTERNAL"}`, http.StatusInternalServerError)
				}
			}
			took := a.Clock.Now().Sub(began)
			if a.Observe != nil {
				a.Observe(r.Pattern, rec.code(), took)
			}
			a.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelDebug, "answered",
				slog.String("request", id), slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", rec.code()), slog.Duration("took", took))
		}()
		h.ServeHTTP(rec, r)
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write notes an implied 200.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// Network gives the caller's network, never its full address: the /24 of an
// IPv4 address, the /48 of an IPv6 one; "" when the address can't be read. It
// looks at the connection only: forwarded headers can be forged.
func Network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	bits := 48
	if addr = addr.Unmap(); addr.Is4() {
		bits = 24
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

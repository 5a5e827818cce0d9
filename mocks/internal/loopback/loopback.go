// Package loopback is how a mock listens: an HTTP server that refuses every
// address but the machine's own, because what a mock holds is open to whoever
// reaches it.
package loopback

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MaxBody is the most bytes of a request's body that a mock reads. Our
// choice: 16 times what the largest real request carries.
const MaxBody = 64 << 10

// Server is one listener and what answers on it.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Serve listens on addr ("127.0.0.1:0" takes any free port) and answers with h.
func Serve(addr string, h http.Handler) (*Server, error) {
	l, err := Listen(addr)
	if err != nil {
		return nil, err
	}
	return On(l, h), nil
}

// Listen takes a port of the machine's own. A server that must know its own
// address before it can answer listens first and serves after, with On.
func Listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("loopback: %q is not a loopback address", host)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	return l, nil
}

// On answers with h on l, which it closes when it is closed.
func On(l net.Listener, h http.Handler) *Server {
	s := &Server{listener: l, http: &http.Server{
		Handler:           http.MaxBytesHandler(h, MaxBody),
		ReadHeaderTimeout: 10 * time.Second,
	}}
	go func() {
		// Serve ends with ErrServerClosed when Close is called; any other end
		// shows itself to the clients, who are refused.
		_ = s.http.Serve(l)
	}()
	return s
}

// Addr is host:port as it was taken.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the server's base address, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Close ends the listener and cuts every connection, answered or not.
func (s *Server) Close() error { return s.http.Close() }

// Control guards a control port: a page of another origin that a browser on
// this machine has open may not move a mock, nor may it by Here's way.
func Control(h http.Handler) http.Handler {
	return Here(http.NewCrossOriginProtection().Handler(h))
}

// Here refuses whoever asks for another name than this machine's: a page whose
// name was made to point here would be of our own origin to its browser (DNS
// rebinding). An address in figures can't be made to.
func Here(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := url.URL{Host: r.Host}
		name := strings.ToLower(u.Hostname())
		if net.ParseIP(name) == nil && name != "localhost" && !strings.HasSuffix(name, ".localhost") {
			http.Error(w, "nobody of that name is here", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// JSON answers with v.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status is sent: a client that has gone can't be told more.
	_ = json.NewEncoder(w).Encode(v)
}

// Read fills v from a body that must be one JSON value without unknown
// members; no body at all leaves v as it is.
func Read(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loopback: body: %w", err)
	}
	return nil
}

// Hold keeps a request unanswered until the client gives up or the server is
// closed, and then cuts the connection.
func Hold(r *http.Request) {
	// Only once the body is read does net/http notice that the client left.
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// Wait lets d pass, and tells whether the client is still there after it.
func Wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

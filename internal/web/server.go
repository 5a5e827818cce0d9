package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of every listener. Our choice: a request line with headers fits
// 16 KiB many times over, and a phone on a bad line sends 64 KiB in 30 s.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 90 * time.Second
	maxHeaderBytes    = 16 << 10
)

// Server is one listener with its handler.
type Server struct {
	http *http.Server
	ln   net.Listener
	done chan error
}

// Serve starts to answer on ln at once, in the background.
func Serve(ln net.Listener, h http.Handler, log *slog.Logger) *Server {
	s := &Server{
		ln: ln, done: make(chan error, 1),
		http: &http.Server{
			Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
			IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
			ErrorLog: slog.NewLogLogger(quiet{log.Handler()}, slog.LevelDebug),
		},
	}
	go func() { s.done <- s.http.Serve(ln) }()
	return s
}

// URL gives the server's address as http://host:port.
func (s *Server) URL() string { return "http://" + s.ln.Addr().String() }

// Shutdown takes no new request, lets those in flight be answered until ctx
// ends, and then closes what is left.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// quiet keeps net/http's own lines, which quote client addresses and headers,
// out of the log: only that something happened is told.
type quiet struct{ slog.Handler }

// Handle writes the record without net/http's text.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, "http connection fault", r.PC)
	return q.Handler.Handle(ctx, clean)
}

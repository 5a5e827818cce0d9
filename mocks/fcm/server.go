package fcm

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
	"github.com/tongban/tongban/mocks/internal/tape"
)

// Config is what the service is started with.
type Config struct {
	Addr        string // loopback host:port; empty takes a free port
	ControlAddr string // the same for the control port
	// Bearer is the access token that callers must carry; empty takes
	// everybody, as clients made with option.WithoutAuthentication need it.
	Bearer string
	// Now is the service's clock; nil is the machine's.
	Now func() time.Time
}

// Server is one running service. It is safe for concurrent use.
type Server struct {
	config  Config
	now     func() time.Time
	web     *loopback.Server
	control *loopback.Server
	tape    tape.Tape[Message]

	mu     sync.Mutex
	tokens map[string]TokenState
	fault  Fault
	counts Counts
	open   int // calls being answered now
	names  int // message names given out, each once
}

// Start starts the service and its control port.
func Start(c Config) (*Server, error) {
	s := &Server{config: c, now: c.Now, tokens: map[string]TokenState{}}
	if s.now == nil {
		s.now = time.Now
	}
	s.Forget()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/projects/{project}/{method}", s.send)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, refusal{status: http.StatusNotFound, code: "NOT_FOUND", text: "Method not found."})
	})
	web, err := loopback.Serve(c.Addr, mux)
	if err != nil {
		return nil, fmt.Errorf("fcm: %w", err)
	}
	s.web = web
	s.control, err = loopback.Serve(c.ControlAddr, s.controlRoutes())
	if err != nil {
		web.Close()
		return nil, fmt.Errorf("fcm: control: %w", err)
	}
	return s, nil
}

// Endpoint is the address for option.WithEndpoint.
func (s *Server) Endpoint() string { return s.web.URL() + "/v1" }

// ControlURL is the address of the control port.
func (s *Server) ControlURL() string { return s.control.URL() }

// Close ends both ports and cuts what hangs on them.
func (s *Server) Close() error {
	err := s.control.Close()
	if e := s.web.Close(); e != nil {
		return e
	}
	return err
}

package payment

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
	"github.com/tongban/tongban/mocks/internal/tape"
)

// Config is what the platform is started with.
type Config struct {
	Addr        string // loopback host:port; empty takes a free port
	ControlAddr string // the same for the control port
	// Merchant is the number of its one merchant.
	Merchant string
	// Issuer is the merchant's address: its keys, its door for notices, and the
	// origin that may frame the cashier; "" = not known yet, see SetIssuer.
	Issuer string
	// Now is the platform's clock; nil is the machine's.
	Now func() time.Time
	// After is how it waits between attempts; nil = time.After.
	After func(time.Duration) <-chan time.Time
	// Seed makes the same signing key at each start; "" makes a new one.
	Seed string
}

// Server is one running platform. It is safe for concurrent use.
type Server struct {
	config  Config
	keys    keys
	client  *http.Client
	web     *loopback.Server
	control *loopback.Server
	tape    tape.Tape[Entry]
	ctx     context.Context // ends when the platform does
	cancel  context.CancelFunc
	work    sync.WaitGroup // what runs beside requests

	mu     sync.Mutex
	issuer string
	orders map[string]*order
	seen   map[string]bool // jti of requests
	held   []notice
	fault  Fault
	counts Counts
	serial int
}

// Start starts the platform and its control port.
func Start(c Config) (*Server, error) {
	if c.Merchant == "" {
		return nil, fmt.Errorf("payment: a merchant needs a number")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	s := &Server{
		config: c, issuer: c.Issuer, orders: map[string]*order{}, seen: map[string]bool{}, fault: Fault{API: OK, Notices: OK},
		client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}, Timeout: 10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var err error
	if s.keys, err = newKeys(c.Seed); err != nil {
		return nil, err
	}
	l, err := loopback.Listen(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("payment: %w", err)
	}
	s.web = loopback.On(l, s.routes())
	if s.control, err = loopback.Serve(c.ControlAddr, s.controlRoutes()); err != nil {
		_ = s.web.Close() // the first failure is the one to tell
		return nil, fmt.Errorf("payment: control: %w", err)
	}
	return s, nil
}

// SetIssuer tells where the merchant answers.
func (s *Server) SetIssuer(issuer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issuer = issuer
}

func (s *Server) merchant() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issuer
}

// URL is the platform's address, also its name in what it signs.
func (s *Server) URL() string { return s.web.URL() }

// Merchant is the number of its merchant.
func (s *Server) Merchant() string { return s.config.Merchant }

// ControlURL is the address of the control port.
func (s *Server) ControlURL() string { return s.control.URL() }

// JWKS is the platform's public key set, as a merchant gets it out of band.
func (s *Server) JWKS() []byte { return s.keys.jwks }

// Close ends both ports and waits for what was running.
func (s *Server) Close() error {
	s.cancel()
	err := s.control.Close()
	if e := s.web.Close(); e != nil {
		err = e
	}
	s.work.Wait()
	s.client.CloseIdleConnections()
	return err
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/orders/{op}", s.api)
	mux.HandleFunc("GET /v1/jwks", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(s.keys.jwks) // the client may have gone
	})
	mux.HandleFunc("GET /cashier/{secret}", s.showCashier)
	mux.HandleFunc("POST /cashier/{secret}", s.confirm)
	return mux
}

package redis

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Config is where the server listens and what time it lives in.
type Config struct {
	// Addr is a loopback host:port; empty or port 0 takes a free port.
	Addr string
	// Now is the time for lifetimes of keys and for TIME (which redis_rate
	// asks); nil is the machine's clock.
	Now func() time.Time
}

// Server is one Redis. It is safe for concurrent use.
type Server struct {
	engine *miniredis.Miniredis
	now    func() time.Time
	addr   string

	// hung is closed when the server answers again; nil while it answers. It
	// stands outside mu, since closing waits, under mu, for commands that ask it.
	hung atomic.Pointer[chan struct{}]

	mu      sync.Mutex
	running bool
}

// Start starts an empty server.
func Start(c Config) (*Server, error) {
	addr := c.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("redis mock: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("redis mock: %q is not a loopback address", host)
	}
	s := &Server{engine: miniredis.NewMiniRedis(), now: c.Now}
	if s.now != nil {
		s.engine.SetTime(s.now())
	}
	s.engine.ClockTTL(true)
	if err := s.listen(addr); err != nil {
		return nil, err
	}
	s.addr = s.engine.Addr()
	return s, nil
}

// Addr is the host:port for clients; it stays the same over restarts.
func (s *Server) Addr() string { return s.addr }

// URL is the address as redis.ParseURL takes it.
func (s *Server) URL() string { return "redis://" + s.addr + "/0" }

// Stop closes the port and all connections; the data survive to a Restart.
// Stopping a stopped server does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

// Kill closes the port and all connections and loses every key.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.engine.FlushAll()
}

// Restart opens the port again after Stop or Kill, and ends a Hang. Time that
// passed meanwhile has passed for the keys too.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume()
	if s.running {
		return nil
	}
	return s.listen(s.addr)
}

// Hang keeps the port and the connections open and answers nothing, until
// Restart, Stop or Kill.
func (s *Server) Hang() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return errors.New("redis mock: a stopped server can't hang")
	}
	gate := make(chan struct{})
	s.hung.CompareAndSwap(nil, &gate)
	return nil
}

// Running tells whether the port is open.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Commands is how many commands were answered since the last (re)start.
func (s *Server) Commands() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return 0
	}
	return s.engine.CommandCount()
}

// Dump shows every key and value, for tests that search for what must not be
// there.
func (s *Server) Dump() string { return s.engine.Dump() }

func (s *Server) listen(addr string) error {
	if err := s.engine.StartAddr(addr); err != nil {
		return fmt.Errorf("redis mock: %w", err)
	}
	s.engine.Server().SetPreHook(s.before)
	s.running = true
	return nil
}

func (s *Server) stop() {
	s.resume() // closing waits for the connections, which wait for this
	if s.running {
		s.engine.Close()
		s.running = false
	}
}

func (s *Server) resume() {
	if gate := s.hung.Swap(nil); gate != nil {
		close(*gate)
	}
}

// before runs ahead of each command.
func (s *Server) before(*server.Peer, string, ...string) bool {
	if gate := s.hung.Load(); gate != nil {
		<-*gate
	}
	// Commands inside a script come here too, with the engine's lock held by
	// the script itself; its own time was set when the script began.
	if s.now != nil && s.engine.TryLock() {
		s.engine.Unlock()
		s.engine.SetTime(s.now())
	}
	return false
}

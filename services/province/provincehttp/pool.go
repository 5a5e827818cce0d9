package provincehttp

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/dialout"
)

// pool is the connections to one address of one app. It is safe for concurrent
// use. Its times are the machine's, as those of sockets are.
type pool struct {
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	target target
	slots  chan struct{} // one for each call under way
	dials  chan struct{} // one for each connection in the making, also when its caller left

	mu     sync.Mutex
	idle   []*line // the longest unused first
	swept  bool    // a sweep is due
	closed bool
}

// target is where a pool's connections go.
type target struct {
	address string      // host:port, as dialled
	tls     *tls.Config // nil for plain HTTP
}

func newPool(dial func(ctx context.Context, network, address string) (net.Conn, error), t target) *pool {
	return &pool{dial: dial, target: t, slots: make(chan struct{}, connections), dials: make(chan struct{}, connections)}
}

// take waits for a place among slots until ctx ends.
func take(ctx context.Context, slots chan<- struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// used gives the connection used last that still stands, or nil. The newest is
// the likeliest to be open still, and lets the others lapse.
func (p *pool) used() *line {
	for {
		p.mu.Lock()
		last := len(p.idle) - 1
		if last < 0 {
			p.mu.Unlock()
			return nil
		}
		l := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		p.mu.Unlock()
		if time.Since(l.since) < idleFor && l.silent() {
			return l
		}
		l.close()
	}
}

// keep takes back a connection on which nothing is owed.
func (p *pool) keep(l *line) {
	l.since = time.Now()
	p.mu.Lock()
	if p.closed || len(p.idle) == connections {
		p.mu.Unlock()
		l.close()
		return
	}
	p.idle = append(p.idle, l)
	if !p.swept {
		p.swept = true
		time.AfterFunc(idleFor, p.sweep)
	}
	p.mu.Unlock()
}

// sweep closes what nobody used for idleFor.
func (p *pool) sweep() {
	now := time.Now()
	p.mu.Lock()
	lapsed := 0
	for lapsed < len(p.idle) && now.Sub(p.idle[lapsed].since) >= idleFor {
		lapsed++
	}
	gone := append([]*line(nil), p.idle[:lapsed]...)
	p.idle = append(p.idle[:0], p.idle[lapsed:]...)
	if p.swept = len(p.idle) > 0; p.swept {
		time.AfterFunc(idleFor-now.Sub(p.idle[0].since), p.sweep)
	}
	p.mu.Unlock()
	for _, l := range gone {
		l.close()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	gone := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, l := range gone {
		l.close()
	}
}

// fresh makes a connection. A caller that leaves does not end the dial: what it
// brings is kept for the next, else a source whose handshake takes longer than
// its deadline would never be reached.
func (p *pool) fresh(ctx context.Context) (*line, error) {
	type made struct {
		line *line
		err  error
	}
	if err := take(ctx, p.dials); err != nil {
		return nil, err
	}
	done := make(chan made)
	go func() {
		defer func() { <-p.dials }()
		dialling, cancel := context.WithTimeout(context.Background(), 2*dialout.Timeout) // the address, then TLS
		defer cancel()
		l, err := p.connect(dialling)
		select {
		case done <- made{l, err}:
		case <-ctx.Done():
			if err == nil {
				p.keep(l)
			}
		}
	}()
	select {
	case m := <-done:
		return m.line, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pool) connect(ctx context.Context) (*line, error) {
	conn, err := p.dial(ctx, "tcp", p.target.address)
	if err != nil {
		return nil, err
	}
	if p.target.tls == nil {
		return newLine(conn, conn), nil
	}
	secure := tls.Client(conn, p.target.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return newLine(secure, conn), nil
}

// Package sendertest stands in for the memories of proofs in tests of fronts.
package sendertest

import (
	"context"
	"sync"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access"
)

// Nonce is the newest nonce.
const Nonce = "newest"

// Proofs remembers proofs as access does. The zero Proofs is empty; it is safe
// for concurrent use.
type Proofs struct {
	mu sync.Mutex
	// Window and Once hold what was spent in the window and in SQL.
	Window, Once map[string]bool
	// Fails is what spending fails with; nil for nothing.
	Fails error
}

func (p *Proofs) spend(in *map[string]bool, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.Fails != nil:
		return p.Fails
	case (*in)[key]:
		return fault.New("sendertest", fault.Unauthenticated, "DPOP_PROOF_INVALID").With("why", "the proof was used before")
	case *in == nil:
		*in = map[string]bool{}
	}
	(*in)[key] = true
	return nil
}

// SpendInWindow notes the proof of any request.
func (p *Proofs) SpendInWindow(_ context.Context, shown access.Shown) error {
	return p.spend(&p.Window, shown.Key)
}

// SpendOnce notes the proof of a change.
func (p *Proofs) SpendOnce(_ context.Context, shown access.Shown) error {
	return p.spend(&p.Once, shown.Key)
}

// Forget empties the window, as the end of a process does.
func (p *Proofs) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Window = nil
}

// Nonce gives the newest nonce.
func (p *Proofs) Nonce() string { return Nonce }

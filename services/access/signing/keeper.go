package signing

import (
	"context"
	"crypto"
	"sync/atomic"
)

// Keys are the product's signing keys as those see them who sign and verify: a
// Ring, or a Keeper whose ring changes while the process runs.
type Keys interface {
	// JWKS gives all public keys.
	JWKS() JWKS
	// Find gives the public key with this id, if it is of the algorithm.
	Find(kid, alg string) (crypto.PublicKey, error)
	// JWT signs claims with the current key of the algorithm.
	JWT(ctx context.Context, alg, typ string, claims any) (string, error)
}

var (
	_ Keys = (*Ring)(nil)
	_ Keys = (*Keeper)(nil)
)

// Keeper holds the ring that is valid now. It is safe for concurrent use: who
// signs or verifies meanwhile works by the old ring or by the new one, never by
// half of each.
type Keeper struct{ ring atomic.Pointer[Ring] }

// NewKeeper gives a keeper of r.
func NewKeeper(r *Ring) *Keeper {
	k := &Keeper{}
	k.Swap(r)
	return k
}

// Swap puts another ring in the place of the one kept.
func (k *Keeper) Swap(r *Ring) { k.ring.Store(r) }

// JWKS gives all public keys of the ring.
func (k *Keeper) JWKS() JWKS { return k.ring.Load().JWKS() }

// Find gives the public key with this id, if it is of the algorithm.
func (k *Keeper) Find(kid, alg string) (crypto.PublicKey, error) { return k.ring.Load().Find(kid, alg) }

// JWT signs claims with the current key of the algorithm.
func (k *Keeper) JWT(ctx context.Context, alg, typ string, claims any) (string, error) {
	return k.ring.Load().JWT(ctx, alg, typ, claims)
}

package signing

import (
	"context"
	"crypto"
	"errors"
	"fmt"
)

// Ring is the product's signing keys: the first of an algorithm is current, the
// others are accepted until the tokens they signed have lapsed. It never
// changes once made and is safe for concurrent use.
type Ring struct {
	current map[string]Signer
	public  JWKS
	known   map[string]verifier
}

type verifier struct {
	alg string
	key crypto.PublicKey
}

// NewRing makes a ring; of each algorithm the first signer is the current one.
// It fails when either algorithm is missing or two keys have one id.
func NewRing(signers ...Signer) (*Ring, error) {
	r := &Ring{current: map[string]Signer{}, known: map[string]verifier{}}
	for _, s := range signers {
		jwk := s.Public()
		key, alg, err := jwk.Public()
		if err != nil {
			return nil, err
		}
		if _, twice := r.known[jwk.KeyID]; twice || jwk.KeyID == "" {
			return nil, errors.New("signing: a key id is empty or used twice")
		}
		if _, has := r.current[alg]; !has {
			r.current[alg] = s
		}
		r.known[jwk.KeyID] = verifier{alg, key}
		r.public.Keys = append(r.public.Keys, jwk)
	}
	if len(r.current) != 2 {
		return nil, errors.New("signing: a ring wants an EdDSA and an ES256 key")
	}
	return r, nil
}

// JWKS gives all public keys, the current ones and those of an overlap.
func (r *Ring) JWKS() JWKS { return JWKS{Keys: append([]JWK(nil), r.public.Keys...)} }

// Find gives the public key with this id, if it is of the algorithm.
func (r *Ring) Find(kid, alg string) (crypto.PublicKey, error) {
	v, ok := r.known[kid]
	if !ok || v.alg != alg {
		return nil, errors.New("signing: no such key")
	}
	return v.key, nil
}

// JWT signs claims with the current key of the algorithm. typ is the header's
// typ, such as "at+jwt".
func (r *Ring) JWT(ctx context.Context, alg, typ string, claims any) (string, error) {
	s, ok := r.current[alg]
	if !ok {
		return "", fmt.Errorf("signing: no key for %q", alg)
	}
	return Compact(ctx, s, typ, claims)
}

package signing

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Signer is one signing key. It may be slow and may fail: the key can live in a
// hardware module. It is safe for concurrent use.
type Signer interface {
	// Public gives the public key and its id.
	Public() JWK
	// Sign signs a JWS signing input and gives the signature as JWS wants it
	// (RFC 7518: r and s, 32 bytes each, for ES256).
	Sign(ctx context.Context, input []byte) ([]byte, error)
}

// local is a key that lives in our own memory.
type local struct {
	jwk JWK
	key crypto.Signer
}

// FromKey gives the Signer of an Ed25519 or P-256 private key held in memory.
func FromKey(key crypto.Signer) (Signer, error) {
	jwk, err := PublicJWK(key.Public())
	if err != nil {
		return nil, err
	}
	return &local{jwk: jwk, key: key}, nil
}

// String hides the key.
func (l *local) String() string { return "signing.Signer(" + l.jwk.KeyID + ")" }

// GoString hides the key.
func (l *local) GoString() string { return l.String() }

// Public gives the public key and its id.
func (l *local) Public() JWK { return l.jwk }

// Sign signs the input.
func (l *local) Sign(_ context.Context, input []byte) ([]byte, error) {
	switch k := l.key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(k, input), nil
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256(input)
		r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		out := make([]byte, 64)
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
		return out, nil
	}
	return nil, errors.New("signing: a key of another kind")
}

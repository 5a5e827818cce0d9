package guomi

//lint:file-ignore SA1019 the library of SM2 is made on the coordinates, and the standard library takes no other curves

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"

	"github.com/tongban/tongban/services/access/signing"
)

// SM2 is what our own headers and keys call the algorithm.
const SM2 = "SM2"

// size is the length of a coordinate, of r and of s in bytes.
const size = 32

// identity is the signer's name in the hash (ZA): the one that GB/T 32918 uses
// where none was agreed.
var identity = []byte("1234567812345678")

// Signer is one SM2 key in our own memory. It is safe for concurrent use.
type Signer struct {
	key *sm2.PrivateKey
	jwk signing.JWK
}

var _ signing.Signer = (*Signer)(nil)

// Generate makes a new key.
func Generate() (*Signer, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("guomi: %w", err)
	}
	return &Signer{key: key, jwk: public(&key.PublicKey)}, nil
}

// public gives the JWK of a key; its kid is the SM3 of what RFC 7638 hashes.
func public(key *ecdsa.PublicKey) signing.JWK {
	k := signing.JWK{KeyType: "EC", Curve: SM2, X: coordinate(key.X), Y: coordinate(key.Y), Algorithm: SM2, Use: "sig"}
	sum := sm3.Sum(fmt.Appendf(nil, `{"crv":%q,"kty":%q,"x":%q,"y":%q}`, k.Curve, k.KeyType, k.X, k.Y))
	k.KeyID = base64.RawURLEncoding.EncodeToString(sum[:])
	return k
}

func coordinate(n *big.Int) string {
	return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, size)))
}

// String hides the key.
func (s *Signer) String() string { return "guomi.Signer(" + s.jwk.KeyID + ")" }

// GoString hides the key.
func (s *Signer) GoString() string { return s.String() }

// Public gives the public key and its id.
func (s *Signer) Public() signing.JWK { return s.jwk }

// Sign signs input and gives r and s, 32 bytes each.
func (s *Signer) Sign(_ context.Context, input []byte) ([]byte, error) {
	r, t, err := sm2.SignWithSM2(rand.Reader, &s.key.PrivateKey, identity, input)
	if err != nil {
		return nil, errors.New("guomi: the key did not sign")
	}
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	t.FillBytes(out[size:])
	return out, nil
}

// Verify tells whether signature is key's over input.
func Verify(k signing.JWK, input, signature []byte) error {
	x, errX := base64.RawURLEncoding.Strict().DecodeString(k.X)
	y, errY := base64.RawURLEncoding.Strict().DecodeString(k.Y)
	if k.KeyType != "EC" || k.Curve != SM2 || k.Algorithm != SM2 || errX != nil || errY != nil || len(x) != size || len(y) != size {
		return errors.New("guomi: not an SM2 key")
	}
	key := &ecdsa.PublicKey{Curve: sm2.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	if !onCurve(key) {
		return errors.New("guomi: a point off the curve")
	}
	if len(signature) != 2*size {
		return errors.New("guomi: not the length of a signature")
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	if !sm2.VerifyWithSM2(key, identity, input, r, s) {
		return errors.New("guomi: another signature")
	}
	return nil
}

// onCurve tells whether the point is on the curve: y² = x³ - 3x + b.
func onCurve(k *ecdsa.PublicKey) bool {
	p := k.Params()
	if k.X.Cmp(p.P) >= 0 || k.Y.Cmp(p.P) >= 0 {
		return false
	}
	right := new(big.Int).Exp(k.X, big.NewInt(3), p.P)
	right.Sub(right, new(big.Int).Mul(big.NewInt(3), k.X)).Add(right, p.B).Mod(right, p.P)
	return new(big.Int).Exp(k.Y, big.NewInt(2), p.P).Cmp(right) == 0
}

// VerifyCompact gives the payload of a compact JWS that key signed with SM2.
// What the payload means, and until when, is its reader's business.
func VerifyCompact(k signing.JWK, compact string) ([]byte, error) {
	if err := signing.WellFormed(compact); err != nil {
		return nil, err
	}
	parts := strings.Split(compact, ".")
	header, err := signing.Header(compact)
	if _, crit := header["crit"]; err != nil || header["alg"] != SM2 || header["kid"] != k.KeyID || crit {
		return nil, errors.New("guomi: a header of another algorithm or key")
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return nil, errors.New("guomi: not base64url")
	}
	if err := Verify(k, []byte(parts[0]+"."+parts[1]), signature); err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.Strict().DecodeString(parts[1])
}

package miniapp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
)

// JWKS is a set of public keys.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is a public ES256 key (RFC 7517); private members are refused by the schema.
type JWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Kid string `json:"kid"`
	X   string `json:"x"`
	Y   string `json:"y"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
}

// Key gives the key with the kid.
func (s JWKS) Key(kid string) (JWK, bool) {
	for _, k := range s.Keys {
		if k.Kid == kid {
			return k, true
		}
	}
	return JWK{}, false
}

// SameKey tells whether both are the same point, whatever they are called.
func (k JWK) SameKey(o JWK) bool { return k.Crv == o.Crv && k.X == o.X && k.Y == o.Y }

// Public gives the key for use; it fails for anything but a point on P-256.
func (k JWK) Public() (*ecdsa.PublicKey, error) {
	if k.Kty != "EC" || k.Crv != "P-256" || (k.Alg != "" && k.Alg != "ES256") {
		return nil, errors.New("miniapp: key is not EC P-256 for ES256")
	}
	x, errX := base64.RawURLEncoding.Strict().DecodeString(k.X)
	y, errY := base64.RawURLEncoding.Strict().DecodeString(k.Y)
	if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
		return nil, errors.New("miniapp: key coordinates are not 32 bytes of base64url")
	}
	point := append(append([]byte{4}, x...), y...)
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
}

// PublicJWK gives the JWK of a P-256 key.
func PublicJWK(kid string, key *ecdsa.PublicKey) (JWK, error) {
	point, err := key.Bytes()
	if err != nil || len(point) != 65 {
		return JWK{}, errors.New("miniapp: key is not on P-256")
	}
	enc := base64.RawURLEncoding
	return JWK{Kty: "EC", Crv: "P-256", Kid: kid, X: enc.EncodeToString(point[1:33]), Y: enc.EncodeToString(point[33:]), Use: "sig", Alg: "ES256"}, nil
}

package proof

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/services/access/signing"
)

// Device is a client's side: the key that its tokens are bound to. It is safe
// for concurrent use.
type Device struct {
	key *ecdsa.PrivateKey
	jwk signing.JWK
}

// NewDevice makes a device with a fresh ES256 key.
func NewDevice() (*Device, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	return DeviceOf(key)
}

// DeviceOf is the device that holds the P-256 key.
func DeviceOf(key *ecdsa.PrivateKey) (*Device, error) {
	jwk, err := signing.PublicJWK(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	return &Device{key: key, jwk: jwk}, nil
}

// Thumbprint names the key, as cnf.jkt and dpop_jkt do.
func (d *Device) Thumbprint() string { return d.jwk.KeyID }

// Prove signs a proof for one request; nonce is the server's, or empty.
func (d *Device) Prove(r Request, nonce string) (string, error) {
	c := jwt.MapClaims{"jti": rand.Text(), "htm": r.Method, "htu": r.URL, "iat": r.Now.Unix()}
	if r.Token != "" {
		sum := sha256.Sum256([]byte(r.Token))
		c["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if nonce != "" {
		c["nonce"] = nonce
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	t.Header["typ"] = Type
	t.Header["jwk"] = map[string]string{"kty": d.jwk.KeyType, "crv": d.jwk.Curve, "x": d.jwk.X, "y": d.jwk.Y}
	s, err := t.SignedString(d.key)
	if err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	return s, nil
}

package proof

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tongban/tongban/services/access/signing"
)

// kept is a private JWK (RFC 7517, RFC 7518 §6.2.2).
type kept struct {
	signing.JWK
	D string `json:"d"`
}

// Private gives the device's key as a private JWK, for a client that keeps it
// in a file. It is a secret.
func (d *Device) Private() ([]byte, error) {
	raw, err := d.key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	return json.Marshal(kept{signing.JWK{KeyType: d.jwk.KeyType, Curve: d.jwk.Curve, X: d.jwk.X, Y: d.jwk.Y}, base64.RawURLEncoding.EncodeToString(raw)})
}

// ParseDevice reads what Private gave. Its errors hold nothing of the key.
func ParseDevice(raw []byte) (*Device, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil || k.KeyType != "EC" || k.Curve != "P-256" {
		return nil, errors.New("proof: not a private JWK of a P-256 key")
	}
	secret, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil {
		return nil, errors.New("proof: the key's d is no base64url")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, errors.New("proof: the key's d is no P-256 key")
	}
	d, err := DeviceOf(key)
	if err != nil || d.jwk.X != k.X || d.jwk.Y != k.Y {
		return nil, errors.New("proof: the key's halves do not fit")
	}
	return d, nil
}

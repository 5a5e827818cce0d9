package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// The algorithms we sign with.
const (
	// EdDSA (Ed25519) signs the access tokens of our own fronts.
	EdDSA = "EdDSA"
	// ES256 signs what others read: stock OIDC clients all know it.
	ES256 = "ES256"
)

// JWK is one public key (RFC 7517) of the two kinds we take: Ed25519 and P-256.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y,omitempty"`
	KeyID     string `json:"kid,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	Use       string `json:"use,omitempty"`
}

// JWKS is a set of public keys.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// ParseJWKS reads a JWK Set. Keys of other kinds are passed over, as RFC 7517
// §5 wants; a private key in it is refused, since whoever sent it leaked it.
func ParseJWKS(raw []byte) (JWKS, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return JWKS{}, fmt.Errorf("signing: not a JWK Set: %w", err)
	}
	var out JWKS
	for _, r := range set.Keys {
		var private struct {
			D *string `json:"d"`
			K *string `json:"k"`
		}
		if json.Unmarshal(r, &private) == nil && (private.D != nil || private.K != nil) {
			return JWKS{}, errors.New("signing: a private key in a public JWK Set")
		}
		var k JWK
		if json.Unmarshal(r, &k) != nil {
			continue
		}
		if _, _, err := k.Public(); err != nil || (k.Use != "" && k.Use != "sig") {
			continue
		}
		out.Keys = append(out.Keys, k)
	}
	return out, nil
}

// Find gives the key with the id for the algorithm. Without a kid the set must
// hold one key of the algorithm only.
func (s JWKS) Find(kid, alg string) (crypto.PublicKey, error) {
	var found []crypto.PublicKey
	for _, k := range s.Keys {
		if kid != "" && k.KeyID != kid {
			continue
		}
		if key, of, err := k.Public(); err == nil && of == alg {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("signing: %d keys fit", len(found))
	}
	return found[0], nil
}

// Public gives the key and its algorithm; it fails for a key of another kind
// and for a point that is not on its curve.
func (k JWK) Public() (crypto.PublicKey, string, error) {
	x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
	if err != nil {
		return nil, "", fmt.Errorf("signing: x: %w", err)
	}
	switch {
	case k.KeyType == "OKP" && k.Curve == "Ed25519" && len(x) == ed25519.PublicKeySize && fits(k.Algorithm, EdDSA):
		return ed25519.PublicKey(x), EdDSA, nil
	case k.KeyType == "EC" && k.Curve == "P-256" && len(x) == 32 && fits(k.Algorithm, ES256):
		y, err := base64.RawURLEncoding.Strict().DecodeString(k.Y)
		if err != nil || len(y) != 32 {
			return nil, "", errors.New("signing: y is not 32 bytes")
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil, "", fmt.Errorf("signing: %w", err)
		}
		return key, ES256, nil
	}
	return nil, "", errors.New("signing: a key of another kind")
}

// Thumbprint gives the key's RFC 7638 thumbprint (SHA-256, base64url): the same
// for a key whatever else its JWK says. The key must be one that Public takes.
func (k JWK) Thumbprint() string {
	canonical := `{"crv":"` + k.Curve + `","kty":"` + k.KeyType + `","x":"` + k.X
	if k.KeyType == "EC" {
		canonical += `","y":"` + k.Y
	}
	sum := sha256.Sum256([]byte(canonical + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func fits(alg, want string) bool { return alg == "" || alg == want }

// PublicJWK gives the JWK of an Ed25519 or P-256 public key; its kid is the
// RFC 7638 thumbprint.
func PublicJWK(key crypto.PublicKey) (JWK, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	var k JWK
	switch p := key.(type) {
	case ed25519.PublicKey:
		k = JWK{KeyType: "OKP", Curve: "Ed25519", X: b64(p), Algorithm: EdDSA, Use: "sig"}
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil || p.Curve != elliptic.P256() {
			return JWK{}, errors.New("signing: not a P-256 key")
		}
		k = JWK{KeyType: "EC", Curve: "P-256", X: b64(point[1:33]), Y: b64(point[33:]), Algorithm: ES256, Use: "sig"}
	default:
		return JWK{}, fmt.Errorf("signing: a %T is not a key we know", key)
	}
	k.KeyID = k.Thumbprint()
	return k, nil
}

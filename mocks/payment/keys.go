package payment

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/golang-jwt/jwt/v5"
)

// keys are the platform's signing key, and one that nobody knows under the same
// id: what is signed with it looks right and is not.
type keys struct {
	signing *ecdsa.PrivateKey
	foreign *ecdsa.PrivateKey
	kid     string
	jwks    []byte
}

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Kid string `json:"kid"`
	X   string `json:"x"`
	Y   string `json:"y"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
}

func newKeys(seed string) (keys, error) {
	k := keys{kid: "pay-1"}
	var err error
	if k.foreign, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return keys{}, fmt.Errorf("payment: key: %w", err)
	}
	if k.signing, err = signingKey(seed); err != nil {
		return keys{}, fmt.Errorf("payment: key: %w", err)
	}
	point, err := k.signing.PublicKey.Bytes()
	if err != nil {
		return keys{}, fmt.Errorf("payment: key: %w", err)
	}
	k.jwks, err = json.Marshal(map[string]any{"keys": []jwk{{
		Kty: "EC", Crv: "P-256", Kid: k.kid, X: b64(point[1:33]), Y: b64(point[33:]), Use: "sig", Alg: "ES256",
	}}})
	return k, err
}

func signingKey(seed string) (*ecdsa.PrivateKey, error) {
	if seed == "" {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	// One in 2³² values is no scalar of the curve; then the next one is tried.
	for n := byte(0); ; n++ {
		m := hmac.New(sha256.New, []byte(seed))
		m.Write([]byte{'p', 'a', 'y', n})
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), m.Sum(nil))
		if err == nil || n == 255 {
			return key, err
		}
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign gives a compact JWS by key.
func (k keys) sign(key *ecdsa.PrivateKey, typ string, claims jwt.MapClaims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["typ"], t.Header["kid"] = typ, k.kid
	return t.SignedString(key)
}

var errKey = errors.New("payment: no such key")

// merchantKey reads a key of the merchant's own set, anew each time: the
// platform has one merchant and time.
func (s *Server) merchantKey(ctx context.Context, kid string) (*ecdsa.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.merchant()+"/oauth2/jwks", nil)
	if err != nil {
		return nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&set); err != nil {
		return nil, err
	}
	for _, key := range set.Keys {
		if key.Kid != kid || key.Kty != "EC" || key.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(key.X)
		y, errY := base64.RawURLEncoding.DecodeString(key.Y)
		if err := errors.Join(errX, errY); err != nil {
			return nil, err
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	}
	return nil, errKey
}

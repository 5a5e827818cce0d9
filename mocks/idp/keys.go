package idp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"maps"

	"github.com/golang-jwt/jwt/v5"
)

// keys are the source's signing key, and one that nobody knows: what is
// signed with it looks right and is not.
type keys struct {
	method  jwt.SigningMethod
	signing crypto.Signer
	foreign crypto.Signer
	id      string
	members map[string]string // of the public key as a JWK
}

func newKeys(seed []byte, style Style) (keys, error) {
	if style.EdDSA {
		return edwards(seed)
	}
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keys{}, fmt.Errorf("idp: key: %w", err)
	}
	signing, err := signingKey(seed)
	if err != nil {
		return keys{}, fmt.Errorf("idp: key: %w", err)
	}
	point, err := signing.PublicKey.Bytes()
	if err != nil {
		return keys{}, fmt.Errorf("idp: key: %w", err)
	}
	x, y := b64(point[1:33]), b64(point[33:])
	k := keys{
		method: jwt.SigningMethodES256, signing: signing, foreign: foreign,
		members: map[string]string{"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256"},
		// RFC 7638: the thumbprint is over these members in this order.
		id: hash(fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, x, y)),
	}
	return k, nil
}

// edwards makes keys of Ed25519 (RFC 8037).
func edwards(seed []byte) (keys, error) {
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return keys{}, fmt.Errorf("idp: key: %w", err)
	}
	start := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(start) // never fails
	if seed != nil {
		m := hmac.New(sha256.New, seed)
		m.Write([]byte("idp ed25519"))
		start = m.Sum(nil)
	}
	signing := ed25519.NewKeyFromSeed(start)
	x := b64(signing.Public().(ed25519.PublicKey))
	return keys{
		method: jwt.SigningMethodEdDSA, signing: signing, foreign: foreign,
		members: map[string]string{"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA"},
		id:      hash(fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, x)),
	}, nil
}

// half is the at_hash of an access token: the left half of the hash that the
// signature uses (OpenID Connect Core §3.1.3.6).
func (k keys) half(token string) string {
	if k.method == jwt.SigningMethodEdDSA {
		sum := sha512.Sum512([]byte(token))
		return b64(sum[:32])
	}
	sum := sha256.Sum256([]byte(token))
	return b64(sum[:16])
}

func signingKey(seed []byte) (*ecdsa.PrivateKey, error) {
	if seed == nil {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	// One in 2³² values is no scalar of the curve; then the next one is tried.
	for n := byte(0); ; n++ {
		m := hmac.New(sha256.New, seed)
		m.Write([]byte{'i', 'd', 'p', n})
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), m.Sum(nil))
		if err == nil || n == 255 {
			return key, err
		}
	}
}

func (k keys) public() map[string]string {
	all := maps.Clone(k.members)
	all["use"], all["kid"] = "sig", k.id
	return all
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return b64(sum[:])
}

// secret is an unguessable word of 256 bits.
func secret() string {
	b := make([]byte, 32)
	// crypto/rand's Read never fails; it ends the program instead.
	_, _ = rand.Read(b)
	return b64(b)
}

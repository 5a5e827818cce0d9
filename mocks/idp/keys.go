package idp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// keys are the source's signing key, and one that nobody knows: what is
// signed with it looks right and is not.
type keys struct {
	signing *ecdsa.PrivateKey
	foreign *ecdsa.PrivateKey
	id      string
	x, y    string
}

func newKeys(seed []byte) (keys, error) {
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
	k := keys{signing: signing, foreign: foreign, x: b64(point[1:33]), y: b64(point[33:])}
	// RFC 7638: the thumbprint is over these members in this order.
	k.id = hash(fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, k.x, k.y))
	return k, nil
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
	return map[string]string{"kty": "EC", "crv": "P-256", "x": k.x, "y": k.y, "use": "sig", "alg": "ES256", "kid": k.id}
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

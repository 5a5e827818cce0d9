package province

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gowebpki/jcs"
)

// signer is one ES256 key with its id.
type signer struct {
	kid string
	key *ecdsa.PrivateKey
}

// derive makes bytes from a seed, the same for the same label.
func derive(seed, label string) []byte {
	mac := hmac.New(sha256.New, []byte(seed))
	mac.Write([]byte(label))
	return mac.Sum(nil)
}

// newSigner derives a key, so that a mock that starts again with the same seed
// signs with the same key and its published manifest does not change.
func newSigner(seed, kid string) (signer, error) {
	for try := range 8 { // a hash is no scalar of P-256 once in 2^32
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), derive(seed, fmt.Sprint(kid, "/", try)))
		if err == nil {
			return signer{kid: kid, key: key}, nil
		}
	}
	return signer{}, fmt.Errorf("province: no key from this seed for %s", kid)
}

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Kid string `json:"kid"`
	X   string `json:"x"`
	Y   string `json:"y"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// jwks is the public half as a JWK set.
func (s signer) jwks() []byte {
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		panic("province: a key off its own curve") // newSigner made it on P-256
	}
	b64 := base64.RawURLEncoding.EncodeToString
	set := map[string][]jwk{"keys": {{Kty: "EC", Crv: "P-256", Kid: s.kid, X: b64(point[1:33]), Y: b64(point[33:]), Use: "sig", Alg: "ES256"}}}
	raw, err := json.Marshal(set)
	if err != nil {
		panic("province: a JWK set is plain JSON")
	}
	return raw
}

// token signs claims as a JWT of the given typ.
func (s signer) token(typ string, claims jwt.MapClaims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = s.kid
	token.Header["typ"] = typ
	return token.SignedString(s.key)
}

// signManifest adds gov_signature: a detached JWS over the RFC 8785 form of
// the manifest without that member. The signature is deterministic (RFC 6979).
func (s signer) signManifest(manifest map[string]json.RawMessage) ([]byte, error) {
	delete(manifest, "gov_signature")
	raw, err := json.Marshal(manifest)
	if err != nil {
		return nil, err
	}
	canonical, err := jcs.Transform(raw)
	if err != nil {
		return nil, err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	protected := b64(fmt.Appendf(nil, `{"alg":"ES256","kid":%q}`, s.kid))
	signature, err := s.sign([]byte(protected + "." + b64(canonical)))
	if err != nil {
		return nil, err
	}
	manifest["gov_signature"], err = json.Marshal(map[string]string{"protected": protected, "signature": b64(signature)})
	if err != nil {
		return nil, err
	}
	return json.Marshal(manifest)
}

// sign gives r and s, 32 bytes each, as JWS wants them.
func (s signer) sign(input []byte) ([]byte, error) {
	digest := sha256.Sum256(input)
	der, err := s.key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	pair.R.FillBytes(out[:32])
	pair.S.FillBytes(out[32:])
	return out, nil
}

// secret is what the province and the platform share for the envelope.
func secret(seed, appID string) string { return hex.EncodeToString(derive(seed, "secret/"+appID)) }

package proof

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/services/access/signing"
)

const (
	// Type is the header's typ of a proof (RFC 9449 §4.2).
	Type = "dpop+jwt"
	// Leeway is how far a proof's iat may be from our clock, either way. Our
	// choice within RFC 9449 §11.1: phones' clocks are a minute off at most, or
	// the answer's Date header tells them.
	Leeway = 60 * time.Second
	// MaxLength is the longest proof that is read, in bytes. Our choice: a stock
	// client's has 500 to 700.
	MaxLength = 2 << 10
	// maxID bounds a jti, in bytes. Our choice: the longest stock one has 43.
	maxID = 128
)

// Algorithms are those a proof may be signed by.
func Algorithms() []string { return []string{signing.ES256, signing.EdDSA} }

// Request is what a proof must be for.
type Request struct {
	Method string
	URL    string // without query and fragment
	// Token is the access token it comes with; empty where there is none, as at
	// the token endpoint.
	Token string
	Now   time.Time
}

// Proof is a proof that holds for its request.
type Proof struct {
	Key      string // the thumbprint of the key that signed it
	ID       string // jti: unique among the proofs of this key
	Nonce    string // the server's nonce that it answers; may be empty
	IssuedAt time.Time
}

// GoneBy is when the proof is refused for its age alone, so that nobody need
// remember it any longer.
func (p Proof) GoneBy() time.Time { return p.IssuedAt.Add(Leeway + time.Second) }

// said is what a proof's claims say (RFC 9449 §4.2).
type said struct {
	id, method, url, hash, nonce string
	issuedAt                     float64 // negative where it is not said
}

// Verify reads a proof for r. What it says is signing.Wrong.
func Verify(text string, r Request) (Proof, error) {
	if len(text) > MaxLength {
		return Proof{}, signing.Wrong("longer than 2 KiB")
	}
	apart, err := signing.TakeApart(text)
	if err != nil {
		return Proof{}, err
	}
	key, err := keyOf(apart.Header)
	if err != nil {
		return Proof{}, err
	}
	c, err := read(apart.Claims)
	if err != nil {
		return Proof{}, err
	}
	if key.method.Verify(apart.Input, apart.Signature, key.public) != nil {
		return Proof{}, signing.Wrong("not signed by the key it carries")
	}
	p := Proof{Key: key.thumbprint, ID: c.id, Nonce: c.nonce}
	switch {
	case c.id == "" || len(c.id) > maxID:
		return Proof{}, signing.Wrong("jti is missing or longer than 128 bytes")
	case c.method != r.Method:
		return Proof{}, signing.Wrong("htm is not the method of the request")
	case !sameAddress(c.url, r.URL):
		return Proof{}, signing.Wrong("htu is not the address of the request")
	case c.issuedAt < 0 || c.issuedAt > 1<<40:
		return Proof{}, signing.Wrong("iat is missing or no time")
	case r.Token != "" && !hashes(c.hash, r.Token):
		return Proof{}, signing.Wrong("ath is not the hash of the access token")
	}
	p.IssuedAt = time.Unix(int64(c.issuedAt), 0)
	if off := r.Now.Sub(p.IssuedAt); off > Leeway || off < -Leeway {
		return Proof{}, signing.Wrong("iat is more than 60 s from now")
	}
	return p, nil
}

// read gives what the claims say; others than these may stand beside them.
func read(claims []byte) (said, error) {
	c := said{issuedAt: -1}
	err := signing.Members(claims, func(name string, value []byte) (err error) {
		switch name {
		case "jti":
			c.id, err = signing.Text(value)
		case "htm":
			c.method, err = signing.Text(value)
		case "htu":
			c.url, err = signing.Text(value)
		case "ath":
			c.hash, err = signing.Text(value)
		case "nonce":
			c.nonce, err = signing.Text(value)
		case "iat":
			if c.issuedAt, err = strconv.ParseFloat(string(value), 64); err != nil { // of JSON: a number, or it fails
				err = signing.Wrong("iat is no number")
			}
		}
		return err
	})
	return c, err
}

// signer is a public key with its thumbprint and how it signs.
type signer struct {
	public     crypto.PublicKey
	thumbprint string
	method     jwt.SigningMethod
}

// keyOf gives the key that a proof's header carries. A header that says where a
// key is (jku, x5u), or that must be understood (crit), is refused.
func keyOf(header []byte) (signer, error) {
	var typ, alg string
	var k signing.JWK
	err := signing.Members(header, func(name string, value []byte) (err error) {
		switch name {
		case "typ":
			typ, err = signing.Text(value)
		case "alg":
			alg, err = signing.Text(value)
		case "jwk":
			k, err = publicKey(value)
		case "kid":
		default:
			err = signing.Wrong("a header parameter that no proof has")
		}
		return err
	})
	if err != nil {
		return signer{}, err
	}
	if typ != Type {
		return signer{}, signing.Wrong("typ is not dpop+jwt")
	}
	public, of, err := k.Public()
	if err != nil || of != alg {
		return signer{}, signing.Wrong("jwk is missing, or of another kind than alg (ES256 or EdDSA)")
	}
	method := jwt.SigningMethod(jwt.SigningMethodES256)
	if of == signing.EdDSA {
		method = jwt.SigningMethodEdDSA
	}
	return signer{public: public, thumbprint: k.Thumbprint(), method: method}, nil
}

// publicKey reads a JWK, and refuses one with a private part.
func publicKey(value []byte) (k signing.JWK, err error) {
	err = signing.Members(value, func(name string, value []byte) (err error) {
		switch name {
		case "kty":
			k.KeyType, err = signing.Text(value)
		case "crv":
			k.Curve, err = signing.Text(value)
		case "x":
			k.X, err = signing.Text(value)
		case "y":
			k.Y, err = signing.Text(value)
		case "d", "k", "p", "q", "dp", "dq", "qi", "oth":
			err = signing.Wrong("jwk is a private key")
		}
		return err
	})
	return k, err
}

// hashes tells whether ath is the hash of the token.
func hashes(ath, token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare([]byte(ath), []byte(base64.RawURLEncoding.EncodeToString(sum[:]))) == 1
}

// sameAddress compares as RFC 9449 §4.3 wants: without query and fragment, and
// after the normalisations of RFC 3986 §6.2.2 and §6.2.3.
func sameAddress(said, want string) bool {
	if said == want {
		return true
	}
	a, errA := url.Parse(said)
	b, errB := url.Parse(want)
	return errA == nil && errB == nil && a.User == nil && strings.EqualFold(a.Scheme, b.Scheme) && authority(a) == authority(b) &&
		path(a) == path(b)
}

func authority(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "443" && strings.EqualFold(u.Scheme, "https") || port == "80" && strings.EqualFold(u.Scheme, "http") {
		port = ""
	}
	return host + ":" + port
}

func path(u *url.URL) string {
	if p := u.EscapedPath(); p != "" {
		return p
	}
	return "/"
}

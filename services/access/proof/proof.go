package proof

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
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

// claims are a proof's claims (RFC 9449 §4.2).
type claims struct {
	ID       string   `json:"jti"`
	Method   string   `json:"htm"`
	URL      string   `json:"htu"`
	IssuedAt *float64 `json:"iat"`
	Hash     string   `json:"ath"`
	Nonce    string   `json:"nonce"`
	jwt.RegisteredClaims
}

// Verify reads a proof for r. Its errors are for logs; they hold nothing of the
// proof.
func Verify(text string, r Request) (Proof, error) {
	if len(text) > MaxLength {
		return Proof{}, errors.New("proof: too long")
	}
	if err := signing.WellFormed(text); err != nil {
		return Proof{}, err
	}
	var key thumbed
	c := &claims{}
	parser := jwt.NewParser(jwt.WithValidMethods(Algorithms()), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	_, err := parser.ParseWithClaims(text, c, func(t *jwt.Token) (any, error) {
		var err error
		key, err = keyOf(t.Header, t.Method.Alg())
		return key.public, err
	})
	if err != nil {
		return Proof{}, errors.New("proof: not signed by the key it carries, or by none that we take")
	}
	p := Proof{Key: key.thumbprint, ID: c.ID, Nonce: c.Nonce}
	switch {
	case c.ID == "" || len(c.ID) > maxID:
		return Proof{}, errors.New("proof: jti")
	case c.Method != r.Method:
		return Proof{}, errors.New("proof: htm")
	case !sameAddress(c.URL, r.URL):
		return Proof{}, errors.New("proof: htu")
	case c.IssuedAt == nil || *c.IssuedAt < 0 || *c.IssuedAt > 1<<40:
		return Proof{}, errors.New("proof: iat")
	case r.Token != "" && !hashes(c.Hash, r.Token):
		return Proof{}, errors.New("proof: ath")
	}
	p.IssuedAt = time.Unix(int64(*c.IssuedAt), 0)
	if off := r.Now.Sub(p.IssuedAt); off > Leeway || off < -Leeway {
		return Proof{}, errors.New("proof: iat is too far from now")
	}
	return p, nil
}

// thumbed is a public key with its thumbprint.
type thumbed struct {
	public     crypto.PublicKey
	thumbprint string
}

// keyOf gives the key that a proof's header carries. A header that says where a
// key is (jku, x5u), or that must be understood (crit), is refused.
func keyOf(h map[string]any, alg string) (thumbed, error) {
	if h["typ"] != Type {
		return thumbed{}, errors.New("proof: typ")
	}
	for name := range h {
		switch name {
		case "typ", "alg", "jwk", "kid":
		default:
			return thumbed{}, errors.New("proof: a header that no proof has")
		}
	}
	members, ok := h["jwk"].(map[string]any)
	if !ok {
		return thumbed{}, errors.New("proof: jwk")
	}
	k := signing.JWK{}
	for name, to := range map[string]*string{"kty": &k.KeyType, "crv": &k.Curve, "x": &k.X, "y": &k.Y} {
		*to, _ = members[name].(string)
	}
	for _, private := range []string{"d", "k", "p", "q", "dp", "dq", "qi", "oth"} {
		if _, has := members[private]; has {
			return thumbed{}, errors.New("proof: a private key")
		}
	}
	public, of, err := k.Public()
	if err != nil || of != alg {
		return thumbed{}, errors.New("proof: the key is of another kind than alg")
	}
	return thumbed{public: public, thumbprint: k.Thumbprint()}, nil
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

package signing

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxToken is the longest token that Verify reads, in bytes. Our choice: ours
// are under 1 KiB, an assertion of a stock client under 2 KiB.
const MaxToken = 8 << 10

// ErrExpired says that a token was valid in everything but time.
var ErrExpired error = Wrong("the token has expired")

// Rules are what Verify holds a token to. Each is needed.
type Rules struct {
	// Types are the accepted values of the header's typ, compared without case
	// and without "application/"; "" accepts a token without one.
	Types      []string
	Algorithms []string
	Issuer     string
	// Audience must be the token's only one, and a string.
	Audience string
	Now      func() time.Time
	// Leeway is what clocks may differ, at most 10 s.
	Leeway time.Duration
	// MaxLife is the longest time from iat (or now, without one) to exp.
	MaxLife time.Duration
	// Keys finds the key by the header's kid and alg.
	Keys func(kid, alg string) (crypto.PublicKey, error)
}

// Claims are a verified token's claims.
type Claims map[string]any

// String gives a claim that is a string, and "" where it is not one.
func (c Claims) String(name string) string { s, _ := c[name].(string); return s }

// Int gives a claim that is a whole number.
func (c Claims) Int(name string) (int64, bool) {
	f, ok := c[name].(float64)
	if !ok || f != float64(int64(f)) {
		return 0, false
	}
	return int64(f), true
}

// ExpiresAt gives exp; every verified token has it.
func (c Claims) ExpiresAt() time.Time {
	n, _ := c["exp"].(float64)
	return time.Unix(int64(n), 0).UTC()
}

// Verify reads a compact JWS by the rules. It fails with ErrExpired when all but the time
// is right. What it says is Wrong.
func Verify(token string, r Rules) (Claims, error) {
	if len(token) > MaxToken {
		return nil, Wrong("the token is too long")
	}
	if err := wellFormed(token); err != nil {
		return nil, err
	}
	parser := jwt.NewParser(jwt.WithValidMethods(r.Algorithms), jwt.WithIssuer(r.Issuer), jwt.WithAudience(r.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(min(r.Leeway, 10*time.Second)),
		jwt.WithTimeFunc(r.Now), jwt.WithStrictDecoding())
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if err := r.header(t.Header); err != nil {
			return nil, err
		}
		kid, _ := t.Header["kid"].(string)
		return r.Keys(kid, t.Method.Alg())
	})
	if err != nil && !onlyExpired(err) {
		return nil, Wrong(reason(err))
	}
	if aud, ok := claims["aud"].(string); !ok || aud != r.Audience {
		return nil, Wrong("aud is not one string")
	}
	if err := r.life(claims); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, ErrExpired
	}
	return Claims(claims), nil
}

func (r Rules) header(h map[string]any) error {
	// A header that says where a key is, or brings one, is somebody's try
	// (RFC 8725 §3.10); one that must be understood we do not understand.
	for _, name := range []string{"crit", "jku", "x5u", "jwk", "x5c"} {
		if _, has := h[name]; has {
			return errors.New(name)
		}
	}
	typ, isString := h["typ"].(string)
	if _, has := h["typ"]; has && !isString {
		return errors.New("typ")
	}
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	if !slices.ContainsFunc(r.Types, func(want string) bool { return strings.EqualFold(want, typ) }) {
		return errors.New("typ")
	}
	return nil
}

func (r Rules) life(c jwt.MapClaims) error {
	exp, err := c.GetExpirationTime()
	if err != nil || exp == nil {
		return Wrong("exp is missing or no time")
	}
	from := r.Now().Add(r.Leeway)
	if iat, err := c.GetIssuedAt(); err != nil {
		return Wrong("iat is no time")
	} else if iat != nil {
		from = iat.Time
	}
	if exp.Sub(from) > r.MaxLife {
		return Wrong("the token lives too long")
	}
	return nil
}

// onlyExpired tells whether time is all that is wrong: the signature was good
// (golang-jwt checks it first) and no other claim was refused.
func onlyExpired(err error) bool {
	if !errors.Is(err, jwt.ErrTokenExpired) {
		return false
	}
	for _, other := range []error{jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenRequiredClaimMissing} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}

// reason names what was wrong without quoting anything of the token.
func reason(err error) string {
	for _, known := range []error{jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenRequiredClaimMissing} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "the token is not valid"
}

// Peek reads a token's claims without any check of who wrote them, only to
// learn by which rules to Verify it.
func Peek(token string) (Claims, error) {
	if len(token) > MaxToken {
		return nil, Wrong("the token is too long")
	}
	if err := wellFormed(token); err != nil {
		return nil, err
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return nil, Wrong("not base64url")
	}
	c := Claims{}
	return c, json.Unmarshal(raw, &c)
}

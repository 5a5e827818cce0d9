package signing

import (
	"crypto"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Lasting reads a compact JWS that has no end, such as a seal or a signed head:
// as strictly as Verify does a token, but what it says of time and audience is
// its reader's business. It gives the claims as they were signed. Its errors
// hold nothing of the JWS.
func Lasting(compact, alg, typ string, find func(kid, alg string) (crypto.PublicKey, error)) ([]byte, error) {
	if len(compact) > MaxToken {
		return nil, errors.New("signing: it is too long")
	}
	if err := wellFormed(compact); err != nil {
		return nil, err
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	token, err := parser.Parse(compact, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return find(kid, alg)
	})
	if err != nil || token.Header["typ"] != typ || token.Header["crit"] != nil {
		return nil, errors.New("signing: the signature does not hold")
	}
	return base64.RawURLEncoding.Strict().DecodeString(strings.Split(compact, ".")[1])
}

package verifier

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/internal/dpop"
)

// assertionLife is how long an officer's assertion is good for.
const assertionLife = 60 * time.Second

// Officer is one officer's device, with the key that proves it.
type Officer struct {
	ID  string
	key *ecdsa.PrivateKey
}

// Key gives the private key as text, so that another program of the
// demonstration can be this device.
func (o Officer) Key() (string, error) {
	raw, err := o.key.Bytes()
	if err != nil {
		return "", fmt.Errorf("verifier: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// NewOfficer makes the device from what Key gave.
func NewOfficer(id, key string) (Officer, error) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return Officer{}, fmt.Errorf("verifier: the key is no base64url")
	}
	parsed, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return Officer{}, fmt.Errorf("verifier: %w", err)
	}
	return Officer{ID: id, key: parsed}, nil
}

// Assertion signs who the device is, for the product at issuer (RFC 7523).
func (o Officer) Assertion(issuer string, now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": o.ID, "sub": o.ID, "aud": issuer, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	token.Header["kid"] = o.ID
	return token.SignedString(o.key)
}

// Prove signs a proof for one request to the product (RFC 9449), by the key
// that proves the device.
func (o Officer) Prove(method, address, token, nonce string, now time.Time) (string, error) {
	return dpop.Proof(o.key, method, address, token, nonce, now)
}

func (o Officer) caller(now time.Time) dpop.Caller {
	return dpop.Caller{Client: http.DefaultClient, Key: o.key, Now: func() time.Time { return now }}
}

// Token asks the product for an access token that is bound to the device's key,
// by the client credentials grant.
func (o Officer) Token(ctx context.Context, issuer string, now time.Time) (string, error) {
	assertion, err := o.Assertion(issuer, now)
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {o.ID}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	res, err := o.caller(now).PostForm(ctx, issuer+"/oauth2/token", form)
	if err != nil {
		return "", fmt.Errorf("verifier: token: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
		Error string `json:"error"`
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return "", fmt.Errorf("verifier: token: %w", err)
	}
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusOK || answer.Token == "" {
		return "", fmt.Errorf("verifier: token: %d %s", res.StatusCode, answer.Error)
	}
	return answer.Token, nil
}

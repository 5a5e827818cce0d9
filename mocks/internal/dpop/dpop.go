// Package dpop proves that a caller holds a key (RFC 9449), as any OAuth client
// does: for the programs of others that the mocks play.
package dpop

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Proof signs a proof of the P-256 key for one request. token is the access
// token that goes with it, nonce the server's; both may be empty. What follows
// the address's path is left out.
func Proof(key *ecdsa.PrivateKey, method, address, token, nonce string, now time.Time) (string, error) {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", fmt.Errorf("dpop: %w", err)
	}
	to, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("dpop: %w", err)
	}
	to.RawQuery, to.Fragment = "", ""
	b64 := base64.RawURLEncoding.EncodeToString
	claims := jwt.MapClaims{"jti": rand.Text(), "htm": method, "htu": to.String(), "iat": now.Unix()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = b64(sum[:])
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["typ"] = "dpop+jwt"
	t.Header["jwk"] = map[string]string{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}
	return t.SignedString(key)
}

// Caller asks with proofs of a key.
type Caller struct {
	Client *http.Client
	Key    *ecdsa.PrivateKey
	Now    func() time.Time
}

// Do sends the request with a proof, and with the token where there is one;
// once more where the server wants its nonce in it (RFC 9449 §8, §9).
func (c Caller) Do(req *http.Request, token string) (*http.Response, error) {
	res, err := c.once(req, token, "")
	if err != nil || !wantsNonce(res) || req.Body != nil && req.GetBody == nil {
		return res, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	_ = res.Body.Close()
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return c.once(again, token, res.Header.Get("DPoP-Nonce"))
}

func (c Caller) once(req *http.Request, token, nonce string) (*http.Response, error) {
	made, err := Proof(c.Key, req.Method, req.URL.String(), token, nonce, c.Now())
	if err != nil {
		return nil, err
	}
	req.Header.Set("DPoP", made)
	if token != "" {
		req.Header.Set("Authorization", "DPoP "+token)
	}
	return c.Client.Do(req)
}

// PostForm is Do of a form without a token.
func (c Caller) PostForm(ctx context.Context, address string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.Do(req, "")
}

// wantsNonce tells whether a proof was refused for its nonce alone: the token
// endpoint says so with 400 (RFC 9449 §8), others with 401 (§9). The answer can
// still be read.
func wantsNonce(res *http.Response) bool {
	if res.Header.Get("DPoP-Nonce") == "" {
		return false
	}
	if res.StatusCode != http.StatusBadRequest {
		return strings.Contains(res.Header.Get("WWW-Authenticate"), "use_dpop_nonce")
	}
	raw, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what can't be read says nothing
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(raw))
	var told struct {
		Error string `json:"error"`
	}
	return json.Unmarshal(raw, &told) == nil && told.Error == "use_dpop_nonce"
}

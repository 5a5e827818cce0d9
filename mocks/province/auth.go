package province

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// platformRID is the requester id under which the platform signs.
	platformRID = "tongban"
	// rtimeWindow is how far the time of a signed envelope may be off, either way.
	rtimeWindow = 5 * time.Minute
	// assertionLife is how long a client assertion may live.
	assertionLife = 60 * time.Second
	// platformType is the type of the platform's assertion, and of no other token of
	// its own.
	platformType = "client-authentication+jwt"
	// leeway is how far two clocks may differ on a token.
	leeway = 5 * time.Second
)

// authenticate tells whether the platform sent the request.
func (p *Province) authenticate(r *http.Request) error {
	if p.face.Connector.Auth.Kind == authEnvelope {
		return p.checkEnvelope(r.Header)
	}
	return p.checkAssertion(r)
}

// checkEnvelope checks the four headers of the national envelope:
// base64(HMAC-SHA256(sid+rid+rtime, secret)).
func (p *Province) checkEnvelope(h http.Header) error {
	rid, sid, rtime := h.Get("gjzwfwpt_rid"), h.Get("gjzwfwpt_sid"), h.Get("gjzwfwpt_rtime")
	if rid != platformRID || sid != p.face.Connector.Auth.SID {
		return errors.New("unknown requester or service")
	}
	millis, err := strconv.ParseInt(rtime, 10, 64)
	if err != nil {
		return errors.New("rtime is no number")
	}
	if age := p.now().Sub(time.UnixMilli(millis)); age > rtimeWindow || age < -rtimeWindow {
		return errors.New("rtime is too far off")
	}
	sign, err := base64.StdEncoding.DecodeString(h.Get("gjzwfwpt_sign"))
	mac := hmac.New(sha256.New, []byte(p.secret))
	mac.Write([]byte(sid + rid + rtime))
	if err != nil || !hmac.Equal(sign, mac.Sum(nil)) {
		return errors.New("signature is false")
	}
	return nil
}

// checkAssertion checks the platform's client assertion.
func (p *Province) checkAssertion(r *http.Request) error {
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	issuer := p.issuerURL()
	if !ok || issuer == "" {
		return errors.New("no bearer token, or no issuer to believe")
	}
	var claims jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(raw, &claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return p.keys.key(r.Context(), p.client, issuer, kid)
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer), jwt.WithAudience(p.face.AppID), jwt.WithSubject(issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(p.now))
	if err != nil {
		return err
	}
	if typ, _ := token.Header["typ"].(string); typ != platformType || token.Header["crit"] != nil {
		return errors.New("another kind of token")
	}
	if claims.ID == "" || claims.IssuedAt == nil || claims.ExpiresAt.Sub(claims.IssuedAt.Time) > assertionLife {
		return errors.New("no jti, no iat, or too long a life")
	}
	return nil
}

var errNoKey = errors.New("no key with this kid")

// keyCache keeps the product's keys; an unknown kid fetches them again.
type keyCache struct {
	mu     sync.Mutex
	issuer string
	keys   map[string]*ecdsa.PublicKey
}

func (c *keyCache) key(ctx context.Context, client *http.Client, issuer, kid string) (*ecdsa.PublicKey, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issuer == issuer {
		if key, ok := c.keys[kid]; ok {
			return key, nil
		}
	}
	keys, err := fetchKeys(ctx, client, issuer)
	if err != nil {
		return nil, err
	}
	c.issuer, c.keys = issuer, keys
	key, ok := keys[kid]
	if !ok {
		return nil, errNoKey
	}
	return key, nil
}

// fetchKeys reads the ES256 keys at the issuer; those of other kinds are for others.
func fetchKeys(ctx context.Context, client *http.Client, issuer string) (map[string]*ecdsa.PublicKey, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/oauth2/jwks", nil)
	if err != nil {
		return nil, err
	}
	if err := fetchJSON(client, req, http.StatusOK, &set); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, k := range set.Keys {
		if k.Kty != "EC" || k.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err := errors.Join(err, errX, errY); err != nil {
			return nil, fmt.Errorf("key %s: %w", k.Kid, err)
		}
		keys[k.Kid] = key
	}
	return keys, nil
}

// answerError is an answer of another status than hoped for, in OAuth's words.
type answerError struct {
	status int
	code   string
}

// Error says the status and the OAuth error.
func (e *answerError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.code) }

// fetchJSON does a request and reads the JSON of an answer with the status.
func fetchJSON(client *http.Client, req *http.Request, status int, into any) error {
	res, err := client.Do(req)
	return answerJSON(res, err, status, into)
}

// answerJSON reads what came of a call, and of an error none.
func answerJSON(res *http.Response, err error, status int, into any) error {
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return err
	}
	if res.StatusCode != status {
		var told struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(raw, &told) // without one the status says enough
		return &answerError{status: res.StatusCode, code: told.Error}
	}
	return json.Unmarshal(raw, into)
}

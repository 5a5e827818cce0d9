package paymenthttp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	// callDeadline is how long one call may take. Our choice: a person waits
	// for the cashier.
	callDeadline = 5 * time.Second
	// maxAnswer is how many bytes an answer may have. Our choice: an order with
	// a hundred trades stays far below.
	maxAnswer = 64 << 10
	// requestLife is how long the platform may take a request for new.
	requestLife = 60 * time.Second
	// leeway is how far the clocks may differ.
	leeway      = 10 * time.Second
	requestType = "payment-request+jwt"
	answerType  = "payment-answer+jwt"
)

// Signer signs with a key of the product's own published set.
type Signer interface {
	// Sign gives a compact JWS by ES256 with typ in its header.
	Sign(ctx context.Context, typ string, claims map[string]any) (string, error)
}

// Config says which platform, and who we are there.
type Config struct {
	// Base is the platform's address without a slash at the end, also its name.
	Base string
	// Merchant is our number there (商户号).
	Merchant string
	// Keys are the platform's.
	Keys miniapp.JWKS
	// Return is where the cashier's page leads back to; may be empty.
	Return string
}

// Deps is what a Client works with.
type Deps struct {
	Config Config
	Sign   Signer
	Clock  clock.Clock
	IDs    *ids.Source
}

// Client is casework.Platform over HTTP. It is safe for concurrent use.
type Client struct {
	d    Deps
	http *http.Client
}

var _ casework.Platform = (*Client)(nil)

// New makes a client.
func New(d Deps) *Client {
	return &Client{d: d, http: &http.Client{
		Timeout:       callDeadline,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:  (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			MaxIdleConns: 16, MaxIdleConnsPerHost: 16, IdleConnTimeout: 50 * time.Second,
			TLSHandshakeTimeout: 3 * time.Second, MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true,
		},
	}}
}

// End closes the idle connections.
func (c *Client) End() { c.http.CloseIdleConnections() }

// answer is what the platform signs.
type answer struct {
	jwt.RegisteredClaims
	Request string `json:"req"`
	Code    string `json:"code"`
	Order   order  `json:"order"`
}

// call does one call and gives what the platform answers.
func (c *Client) call(ctx context.Context, op string, members map[string]any) (answer, error) {
	id, now := c.d.IDs.New("pay"), c.d.Clock.Now()
	claims := map[string]any{
		"iss": c.d.Config.Merchant, "aud": c.d.Config.Base, "jti": id, "iat": now.Unix(), "exp": now.Add(requestLife).Unix(), "op": op,
	}
	for k, v := range members {
		claims[k] = v
	}
	body, err := c.d.Sign.Sign(ctx, requestType, claims)
	if err != nil {
		return answer{}, fault.Wrap("paymenthttp.call", err)
	}
	raw, err := c.post(ctx, c.d.Config.Base+"/v1/orders/"+op, body)
	if err != nil {
		return answer{}, err
	}
	got, err := c.read(raw, id)
	if err != nil {
		return answer{}, err
	}
	if got.Code != "OK" {
		return answer{}, failure(got.Code)
	}
	return got, nil
}

func (c *Client) post(ctx context.Context, address, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return "", down("PAYMENT_PLATFORM_DOWN", err)
	}
	req.Header.Set("Content-Type", "application/jose")
	req.Header.Set("User-Agent", "tongban")
	res, err := c.http.Do(req)
	if err != nil {
		return "", unreached(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return "", unreached(err)
	case res.StatusCode != http.StatusOK:
		return "", status(res.StatusCode)
	case len(raw) > maxAnswer:
		return "", down("PAYMENT_PLATFORM_ANSWER_INVALID", errors.New("the answer is too large"))
	}
	return string(raw), nil
}

var errKey = errors.New("paymenthttp: no such key")

// read believes an answer that the platform signed for this request.
func (c *Client) read(raw, request string) (answer, error) {
	var got answer
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(c.d.Config.Base), jwt.WithAudience(c.d.Config.Merchant),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(c.d.Clock.Now), jwt.WithStrictDecoding())
	token, err := parser.ParseWithClaims(raw, &got, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		jwk, ok := c.d.Config.Keys.Key(kid)
		if !ok {
			return nil, errKey
		}
		return jwk.Public()
	})
	if err != nil { // may quote the answer: only its kind is kept
		return answer{}, down("PAYMENT_PLATFORM_ANSWER_INVALID", errors.New("the answer is not signed as it must be"))
	}
	typ, _ := token.Header["typ"].(string)
	if _, crit := token.Header["crit"]; crit || typ != answerType || got.Request != request {
		return answer{}, down("PAYMENT_PLATFORM_ANSWER_INVALID", errors.New("the answer is to another question"))
	}
	return got, nil
}

package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tongban/tongban/services/access/proof"
)

// Phone is a person's phone with our app on it, signed in.
type Phone struct {
	// Issuer is the product's base URL, Front the GraphQL address.
	Issuer, Front string
	Tokens        Tokens
	// Device holds the key that the tokens are bound to; nil for a phone that
	// proves nothing, which only the dev profile takes.
	Device Prover
	// Now is the phone's clock; nil takes the machine's.
	Now func() time.Time
	// Operations are the ids of the app's trusted documents by name, such as "Home".
	Operations map[string]string
	// Language is sent as Accept-Language; empty means zh-CN.
	Language string
	http     *http.Client
}

// NewPhone gives a phone that nobody has signed in on, with a key of its own.
func NewPhone(issuer, front string, operations map[string]string) *Phone {
	p := &Phone{Issuer: issuer, Front: front, Operations: operations, http: &http.Client{Timeout: 20 * time.Second}}
	device, err := proof.NewDevice()
	if err != nil {
		panic(err) // no machine that we run on is without randomness
	}
	p.Device = device
	return p
}

// SignIn signs person in.
func (p *Phone) SignIn(ctx context.Context, person string) error { return p.SignInAt(ctx, "", person) }

// SignInAt signs person in at the named identity source.
func (p *Phone) SignInAt(ctx context.Context, source, person string) error {
	begun, err := p.Begin(ctx, source, person)
	if err != nil {
		return err
	}
	return p.Redeem(ctx, begun)
}

// Refresh asks for a new access token by the refresh token that the phone holds.
func (p *Phone) Refresh(ctx context.Context) error {
	t, err := p.RefreshBy(ctx, p.Tokens.RefreshToken)
	if err != nil {
		return err
	}
	p.Tokens = t
	return nil
}

// RefreshBy asks for tokens by a refresh token, and leaves the phone's own.
func (p *Phone) RefreshBy(ctx context.Context, refresh string) (Tokens, error) {
	var t Tokens
	err := p.form(ctx, "/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {mobileClient}}, &t)
	return t, err
}

// Answer is a GraphQL answer.
type Answer struct {
	Status     int
	Header     http.Header
	Raw        []byte
	Data       json.RawMessage `json:"data"`
	Errors     []GraphQLError  `json:"errors"`
	Extensions map[string]any  `json:"extensions"`
}

// GraphQLError is one error of an answer.
type GraphQLError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code gives the error's stable code.
func (e GraphQLError) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// Ask runs one of the app's operations and puts its data into out. It fails
// with a Refusal where the answer has errors.
func (p *Phone) Ask(ctx context.Context, operation string, variables map[string]any, out any) error {
	id, known := p.Operations[operation]
	if !known {
		return fmt.Errorf("the app has no operation %s", operation)
	}
	a, err := p.Send(ctx, map[string]any{"operationName": operation, "variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": id}}})
	if err != nil {
		return err
	}
	if len(a.Errors) > 0 {
		return &Refusal{Status: a.Status, Code: a.Errors[0].Code(), Text: a.Errors[0].Message, Detail: a.Errors[0].Extensions}
	}
	if a.Status != http.StatusOK {
		return &Refusal{Status: a.Status}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.Data, out); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// Send posts a GraphQL request as it is.
func (p *Phone) Send(ctx context.Context, request any) (Answer, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return Answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Front, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json, application/json")
	req.Header.Set("Accept-Language", "zh-CN")
	if p.Language != "" {
		req.Header.Set("Accept-Language", p.Language)
	}
	res, err := p.send(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	a := Answer{Status: res.StatusCode, Header: res.Header}
	if a.Raw, err = io.ReadAll(io.LimitReader(res.Body, maxPage)); err != nil {
		return Answer{}, err
	}
	if err := json.Unmarshal(a.Raw, &a); err != nil {
		return Answer{}, fmt.Errorf("answer %d is no JSON", res.StatusCode)
	}
	return a, nil
}

// Listen subscribes with one of the app's operations, by SSE (graphql-sse,
// distinct connections), and gives the stream as it comes. It ends with ctx.
func (p *Phone) Listen(ctx context.Context, operation string, variables map[string]any) (io.ReadCloser, error) {
	body, err := json.Marshal(map[string]any{"operationName": operation, "variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.Operations[operation]}}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Front, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	endless := *p
	endless.http = &http.Client{}
	res, err := endless.send(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// WebView is what stands on the screen after a mini-app was opened.
type WebView struct {
	Status int
	Body   string
	// Hops are the addresses gone through, without queries.
	Hops []string

	browser *browser
}

// Go opens another address in the same web view, with its cookies.
func (v WebView) Go(ctx context.Context, address string) (WebView, error) {
	got, err := v.browser.get(ctx, address)
	if err != nil {
		return WebView{}, err
	}
	return WebView{Status: got.status, Body: got.body, Hops: got.hops, browser: v.browser}, nil
}

// Open follows a launch address in a web view of its own, as a phone does.
func (p *Phone) Open(ctx context.Context, address string) (WebView, error) {
	b, err := newBrowser()
	if err != nil {
		return WebView{}, err
	}
	got, err := b.get(ctx, address)
	if err != nil {
		return WebView{}, err
	}
	return WebView{Status: got.status, Body: got.body, Hops: got.hops, browser: b}, nil
}

package idp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/mocks/idp"
)

const (
	callback = "http://127.0.0.1:9/oauth2/callback/national"
	student  = "示例学生"
	teacher  = "示例教师"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func config() idp.Config {
	return idp.Config{
		People: []idp.Person{
			{Name: student, IDNumber: "11010519491231002X", Phone: "13800000001", CertKey: "hash-1", About: "看社保", Places: []string{"410000", "310000"}, Level: 3},
			{Name: teacher, IDNumber: "440524188001010014", Phone: "13800000002", Level: 4},
		},
		ClientID: "tongban", ClientSecret: "s:e cret%+", Redirect: idp.Exactly(callback),
	}
}

// stock is a client made of go-oidc and x/oauth2 only.
type stock struct {
	t        *testing.T
	source   *idp.Server
	at       *clock
	provider *oidc.Provider
	oauth    oauth2.Config
	verifier string
	web      *http.Client
}

func connect(t *testing.T) *stock {
	t.Helper()
	at := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	c := config()
	c.Now = at.Now
	s, err := idp.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p, err := oidc.NewProvider(t.Context(), s.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	return &stock{
		t: t, source: s, at: at, provider: p, verifier: oauth2.GenerateVerifier(),
		oauth: oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: p.Endpoint(),
			RedirectURL: callback, Scopes: []string{"openid", "profile"}},
		web: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func (c *stock) address(more ...oauth2.AuthCodeOption) string {
	more = append([]oauth2.AuthCodeOption{oidc.Nonce("n-1"), oauth2.S256ChallengeOption(c.verifier)}, more...)
	return c.oauth.AuthCodeURL("state-1", more...)
}

// choose posts a choice to the page at address, and gives where it leads.
func (c *stock) choose(address string, choice url.Values) (int, url.Values) {
	c.t.Helper()
	res, err := c.web.PostForm(address, choice)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.answer(res)
}

func (c *stock) open(address string) (int, url.Values) {
	c.t.Helper()
	res, err := c.web.Get(address)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.answer(res)
}

func (c *stock) answer(res *http.Response) (int, url.Values) {
	c.t.Helper()
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		c.t.Fatal(err)
	}
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, to.Query()
}

func (c *stock) code(name string) string {
	c.t.Helper()
	status, q := c.choose(c.address(), url.Values{"person": {name}})
	if status != http.StatusSeeOther || q.Get("code") == "" {
		c.t.Fatalf("sign-in: %d %v", status, q)
	}
	return q.Get("code")
}

func (c *stock) redeem(code string) (*oauth2.Token, error) {
	return c.oauth.Exchange(c.t.Context(), code, oauth2.VerifierOption(c.verifier))
}

func (c *stock) signIn(name string) *oauth2.Token {
	c.t.Helper()
	tok, err := c.redeem(c.code(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return tok
}

func (c *stock) idToken(tok *oauth2.Token) (*oidc.IDToken, error) {
	raw, _ := tok.Extra("id_token").(string)
	v := c.provider.Verifier(&oidc.Config{ClientID: c.oauth.ClientID, Now: c.at.Now})
	return v.Verify(context.WithoutCancel(c.t.Context()), raw)
}

// control calls the control port and gives the answer's status and body.
func (c *stock) control(method, path string, body io.Reader) (int, string) {
	c.t.Helper()
	req := httptest.NewRequest(method, c.source.ControlURL()+path, body)
	req.RequestURI = ""
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

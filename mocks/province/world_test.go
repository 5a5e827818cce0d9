package province_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
)

// world is some running provinces, a clock that stands, and a product that
// publishes keys and takes events.
type world struct {
	t       *testing.T
	country *province.Country
	product *product
	book    *people.Book

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, change func(*province.Config), areas ...string) *world {
	t.Helper()
	book, err := people.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, book: book, now: time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)}
	w.product = newProduct(t, w.clock)
	c := province.Config{
		Issuer: w.product.url, Now: w.clock, People: book, Areas: areas, Seed: "test",
		After: func(time.Duration) <-chan time.Time { return time.After(time.Millisecond) },
	}
	if change != nil {
		change(&c)
	}
	w.country, err = province.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.country.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) province(code string) *province.Province {
	w.t.Helper()
	p, ok := w.country.Province(code)
	if !ok {
		w.t.Fatalf("no province %s", code)
	}
	return p
}

func (w *world) person(key string) people.Person {
	w.t.Helper()
	p, ok := w.book.ByKey(key)
	if !ok {
		w.t.Fatalf("nobody called %s", key)
	}
	return p
}

// manifest is what a caller reads of a manifest.
type manifest struct {
	AppID    string `json:"app_id"`
	Operator struct {
		CreditCode string `json:"credit_code"`
	} `json:"gov_operator"`
	Connector struct {
		BaseURL string `json:"base_url"`
		Auth    struct {
			Kind string `json:"kind"`
			SID  string `json:"sid"`
		} `json:"auth"`
		Capabilities map[string]capability `json:"capabilities"`
	} `json:"gov_connector"`
	Tiles []struct {
		Capability string `json:"capability"`
	} `json:"gov_tiles"`
	Signature struct {
		Protected string `json:"protected"`
		Signature string `json:"signature"`
	} `json:"gov_signature"`
}

type capability struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Request string `json:"request"`
	Owner   string `json:"owner"`
	Answer  string `json:"answer"`
	Error   string `json:"error"`
	Errors  []struct {
		Code string `json:"code"`
		Kind string `json:"kind"`
	} `json:"errors"`
}

func read(t *testing.T, p *province.Province) manifest {
	t.Helper()
	var m manifest
	if err := json.Unmarshal(p.Manifest(), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// prove adds the headers by which the platform shows itself.
func (w *world) prove(m manifest, h http.Header) {
	if m.Connector.Auth.Kind != "gjzwfwpt" {
		h.Set("Authorization", "Bearer "+w.product.assertion(m.AppID, nil))
		return
	}
	w.envelope(h, m.Connector.Auth.SID, w.clock(), w.country.Secrets()[m.AppID])
}

func (w *world) envelope(h http.Header, sid string, at time.Time, secret string) {
	rtime := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sid + "tongban" + rtime))
	h.Set("gjzwfwpt_rid", "tongban")
	h.Set("gjzwfwpt_sid", sid)
	h.Set("gjzwfwpt_rtime", rtime)
	h.Set("gjzwfwpt_sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// call sends a body to a capability as the platform would.
func (w *world) call(ctx context.Context, p *province.Province, name string, body []byte, key string, change func(http.Header)) (int, []byte, error) {
	m := read(w.t, p)
	c := m.Connector.Capabilities[name]
	req, err := http.NewRequestWithContext(ctx, c.Method, m.Connector.BaseURL+c.Path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	w.prove(m, req.Header)
	if change != nil {
		change(req.Header)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}

// product is the little of the product that a province meets.
type product struct {
	t   *testing.T
	url string
	now func() time.Time
	mux *http.ServeMux

	mu      sync.Mutex
	key     *ecdsa.PrivateKey
	kid     string
	fetches int
	events  []map[string]any
	answer  func(n int) (int, string) // to the n-th event, from 1
	arrived chan struct{}
}

func newProduct(t *testing.T, now func() time.Time) *product {
	p := &product{t: t, now: now, mux: http.NewServeMux(), arrived: make(chan struct{}, 1000)}
	p.answer = func(int) (int, string) { return http.StatusAccepted, "" }
	p.rotate("k1")
	p.mux.HandleFunc("GET /oauth2/jwks", p.jwks)
	p.mux.HandleFunc("POST /hooks/events", p.hook)
	p.url = serve(t, p.mux)
	return p
}

func (p *product) rotate(kid string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, kid
}

func (p *product) jwks(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetches++
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		p.t.Error(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{
		{"kty": "OKP", "crv": "Ed25519", "kid": "other", "x": "AAAA"},
		{"kty": "EC", "crv": "P-256", "kid": p.kid, "alg": "ES256", "use": "sig", "x": enc(point[1:33]), "y": enc(point[33:])},
	}})
}

// sign makes a JWT with the product's key; change may spoil it.
func (p *product) sign(typ string, claims jwt.MapClaims) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"], token.Header["typ"] = p.kid, typ
	raw, err := token.SignedString(p.key)
	if err != nil {
		p.t.Error(err)
	}
	return raw
}

func (p *product) assertion(audience string, change func(jwt.MapClaims)) string {
	now := p.now()
	claims := jwt.MapClaims{"iss": p.url, "sub": p.url, "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text()}
	if change != nil {
		change(claims)
	}
	return p.sign("client-authentication+jwt", claims)
}

// hook reads an event without trusting it: signatures have their own test.
func (p *product) hook(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(string(raw), claims); err != nil {
		p.t.Error(err)
	}
	claims["raw"] = string(raw)
	p.mu.Lock()
	p.events = append(p.events, claims)
	status, body := p.answer(len(p.events))
	p.mu.Unlock()
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	p.arrived <- struct{}{}
}

func (p *product) await(n int) []map[string]any {
	p.t.Helper()
	timeout := time.After(10 * time.Second)
	for range n {
		select {
		case <-p.arrived:
		case <-timeout:
			p.t.Fatal("no event came")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]map[string]any(nil), p.events...)
}

var jsonValueType = reflect.TypeFor[*structpb.Value]()

package paymenthttp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/paymenthttp"
	"github.com/tongban/tongban/services/miniapp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// platform answers each call by what a test makes of the right answer.
type platform struct {
	*httptest.Server
	key     *ecdsa.PrivateKey
	asked   []jwt.MapClaims
	change  func(claims jwt.MapClaims, header map[string]any)
	answers http.HandlerFunc // instead of a signed answer
}

// me signs as the product does.
type me struct{ key *ecdsa.PrivateKey }

func (m me) Sign(_ context.Context, typ string, claims map[string]any) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims(claims))
	t.Header["typ"] = typ
	return t.SignedString(m.key)
}

func newPlatform(t *testing.T) (*platform, *paymenthttp.Client) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &platform{key: key}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Server.Close)
	jwk, err := miniapp.PublicJWK("k1", &key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	c := paymenthttp.New(paymenthttp.Deps{
		Config: paymenthttp.Config{Base: p.URL, Merchant: "m-1", Keys: miniapp.JWKS{Keys: []miniapp.JWK{jwk}}, Return: "https://app.example/"},
		Sign:   me{key}, Clock: clock.At(noon), IDs: ids.Random(),
	})
	t.Cleanup(c.End)
	return p, c
}

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	asked := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(string(raw), asked)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.asked = append(p.asked, asked)
	if p.answers != nil {
		p.answers(w, r)
		return
	}
	claims := jwt.MapClaims{"iss": p.URL, "aud": "m-1", "iat": noon.Unix(), "exp": noon.Add(time.Minute).Unix(), "req": asked["jti"], "code": "OK",
		"order": map[string]any{"number": "ord_1", "amount_fen": 40000, "state": "OPEN", "cashier_url": p.URL + "/cashier/x",
			"trades": []map[string]any{{"number": "T1", "amount_fen": 40000, "at": noon}}}}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["typ"], t.Header["kid"] = "payment-answer+jwt", "k1"
	if p.change != nil {
		p.change(claims, t.Header)
	}
	body, _ := t.SignedString(p.key)
	_, _ = w.Write([]byte(body))
}

var order = casework.Order{Number: "ord_1", Amount: 40000, Title: "保费", ExpiresAt: noon.Add(time.Hour)}

func TestAnOrderIsMadeWithoutAName(t *testing.T) {
	p, c := newPlatform(t)
	got, err := c.Create(t.Context(), order)
	if err != nil || got.Cashier != p.URL+"/cashier/x" || got.State != casework.OrderOpen || len(got.Trades) != 1 || got.Trades[0].Amount != 40000 {
		t.Fatalf("%+v, %v", got, err)
	}
	asked := p.asked[0]
	if asked["iss"] != "m-1" || asked["aud"] != p.URL || asked["op"] != "create" || asked["exp"].(float64)-asked["iat"].(float64) != 60 {
		t.Errorf("%v", asked)
	}
	sent, err := json.Marshal(asked["order"])
	if want := `{"amount_fen":40000,"expires_at":"2026-03-02T13:00:00Z","number":"ord_1","return_url":"https://app.example/","title":"保费"}`; err != nil || string(sent) != want {
		t.Errorf("sent %s", sent)
	}
	if err := c.Refund(t.Context(), casework.Refund{ID: "rfd_1", Order: "ord_1", Trade: "T1", Amount: 40000}); err != nil {
		t.Error(err)
	}
	if r, _ := p.asked[1]["refund"].(map[string]any); r["number"] != "rfd_1" || r["trade"] != "T1" || r["amount_fen"] != float64(40000) {
		t.Errorf("asked %v", p.asked[1])
	}
}

func TestAnAnswerIsBelievedOnlyAsTheAnswerToThisRequest(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, value any) func(*platform) {
		return func(p *platform) { p.change = func(c jwt.MapClaims, _ map[string]any) { c[name] = value } }
	}
	head := func(name string, value any) func(*platform) {
		return func(p *platform) { p.change = func(_ jwt.MapClaims, h map[string]any) { h[name] = value } }
	}
	over := func(name string, value any) func(*platform) {
		return func(p *platform) {
			p.change = func(c jwt.MapClaims, _ map[string]any) { c["order"].(map[string]any)[name] = value }
		}
	}
	for name, spoil := range map[string]func(*platform){
		"another's key":      func(p *platform) { p.key = other },
		"a key unknown":      head("kid", "k2"),
		"another type":       head("typ", "at+jwt"),
		"a critical header":  head("crit", []string{"b64"}),
		"another platform":   set("iss", "https://elsewhere"),
		"another merchant":   set("aud", "m-2"),
		"an older answer":    set("req", "pay_0"),
		"over":               set("exp", noon.Add(-time.Minute).Unix()),
		"for ever":           set("exp", nil),
		"another order":      over("number", "ord_2"),
		"another amount":     over("amount_fen", 1),
		"no state":           over("state", "MAYBE"),
		"a cashier on paper": over("cashier_url", "javascript:alert(1)"),
		"a cashier in clear": over("cashier_url", "http://elsewhere.example/pay"),
		"words": func(p *platform) {
			p.answers = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }
		},
		"too much": func(p *platform) {
			p.answers = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("a", 64<<10+1))) }
		},
	} {
		p, c := newPlatform(t)
		spoil(p)
		if _, err := c.Create(t.Context(), order); !fault.Is(err, fault.Unavailable) || fault.CodeOf(err) != "PAYMENT_PLATFORM_ANSWER_INVALID" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFailuresHaveTheirKinds(t *testing.T) {
	for code, want := range map[string]struct {
		kind fault.Kind
		code string
	}{
		"ORDER_UNKNOWN":   {fault.NotFound, "ORDER_UNKNOWN"},
		"AMOUNT_DIFFERS":  {fault.Conflict, "PAYMENT_MISMATCH"},
		"ORDER_CLOSED":    {fault.Expired, "PAYMENT_CLOSED"},
		"SYSTEM_BUSY":     {fault.Unavailable, "PAYMENT_PLATFORM_DOWN"},
		"SOMETHING_OTHER": {fault.Internal, "PAYMENT_PLATFORM_REFUSES"},
	} {
		p, c := newPlatform(t)
		p.change = func(claims jwt.MapClaims, _ map[string]any) { claims["code"] = code }
		if _, err := c.Query(t.Context(), "ord_1"); !fault.Is(err, want.kind) || fault.CodeOf(err) != want.code {
			t.Errorf("%s: %v", code, err)
		}
	}
	for status, want := range map[int]string{503: "PAYMENT_PLATFORM_DOWN", 404: "PAYMENT_PLATFORM_DOWN", 401: "PAYMENT_PLATFORM_REFUSES", 302: "PAYMENT_PLATFORM_DOWN"} {
		p, c := newPlatform(t)
		p.answers = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", p.URL+"/elsewhere")
			w.WriteHeader(status)
		}
		if _, err := c.Close(t.Context(), "ord_1"); fault.CodeOf(err) != want || len(p.asked) != 1 {
			t.Errorf("%d: %v after %d requests", status, err, len(p.asked))
		}
	}
	p, c := newPlatform(t)
	p.Server.Close()
	if _, err := c.Query(t.Context(), "ord_1"); fault.CodeOf(err) != "PAYMENT_PLATFORM_DOWN" {
		t.Errorf("nobody there: %v", err)
	}
	ended, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := c.Query(ended, "ord_1"); fault.CodeOf(err) != "PAYMENT_PLATFORM_TIMEOUT" {
		t.Errorf("too late: %v", err)
	}
}

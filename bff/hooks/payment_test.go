package hooks_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/casework"
)

const platform = "https://pay.example"

// till is the door with a payment platform, and a casework that keeps what it heard.
type till struct {
	*world
	heard []casework.PaymentNotice
	err   error
}

func (p *till) PaymentTold(_ context.Context, n casework.PaymentNotice) error {
	if p.err == nil {
		p.heard = append(p.heard, n)
	}
	return p.err
}

func newTill(t *testing.T) *till {
	t.Helper()
	w := newWorld(t)
	p := &till{world: w}
	w.Handler = hooks.New(hooks.Deps{
		Issuer: issuer, Apps: w, Cases: w, Clock: clock.At(noon), Log: w.logger(), Payments: p,
		Platform: hooks.Platform{Issuer: platform, Keys: w.manifest.Token.JWKS},
	})
	return p
}

func (p *till) notice() *token {
	k := p.token()
	k.claims["iss"] = platform
	k.claims["events"] = map[string]any{"urn:tongban:event:order-paid": map[string]any{
		"order": "ord_1", "trade": "T1", "amount_fen": 40000, "at": "2026-03-02T11:59:00Z"}}
	return k
}

func (p *till) pay(t *testing.T, k *token) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/hooks/payments", strings.NewReader(k.sign(t)))
	r.Header.Set("Content-Type", secevent)
	rec := httptest.NewRecorder()
	p.ServeHTTP(rec, r)
	return rec
}

func TestASignedPaymentIsTakenAndAcknowledged(t *testing.T) {
	p := newTill(t)
	if rec := p.pay(t, p.notice()); rec.Code != http.StatusAccepted || rec.Body.Len() != 0 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	want := casework.PaymentNotice{Order: "ord_1", Trade: casework.Trade{Number: "T1", Amount: 40000, At: noon.Add(-time.Minute)}}
	if len(p.heard) != 1 || p.heard[0] != want {
		t.Errorf("heard %+v", p.heard)
	}
}

func TestAPaymentThatIsNotProvedIsNotBelieved(t *testing.T) {
	event := func(k *token, name string, value any) {
		k.claims["events"].(map[string]any)["urn:tongban:event:order-paid"].(map[string]any)[name] = value
	}
	for name, x := range map[string]struct {
		change func(*token)
		err    string
		code   string
	}{
		"a province's word":  {func(k *token) { k.claims["iss"] = string(henan) }, "invalid_issuer", "EVENT_ISSUER"},
		"a shared secret":    {func(k *token) { k.method = jwt.SigningMethodHS256 }, "authentication_failed", "EVENT_SIGNATURE"},
		"no signature":       {func(k *token) { k.method = jwt.SigningMethodNone }, "authentication_failed", "EVENT_SIGNATURE"},
		"a key unknown":      {func(k *token) { k.header["kid"] = "k2" }, "invalid_key", "EVENT_KEY"},
		"for somebody else":  {func(k *token) { k.claims["aud"] = "https://elsewhere" }, "invalid_audience", "EVENT_AUDIENCE"},
		"too old":            {func(k *token) { k.claims["iat"] = noon.Add(-6 * time.Minute).Unix() }, "invalid_request", "EVENT_TIME"},
		"a move, not money":  {func(k *token) { k.claims["events"] = map[string]any{"urn:tongban:event:case-moved": map[string]any{}} }, "invalid_request", "EVENT_KIND"},
		"nothing was paid":   {func(k *token) { event(k, "amount_fen", 0) }, "invalid_request", "EVENT_TOKEN"},
		"parts of a fen":     {func(k *token) { event(k, "amount_fen", 0.5) }, "invalid_request", "EVENT_TOKEN"},
		"no trade":           {func(k *token) { event(k, "trade", "") }, "invalid_request", "EVENT_TOKEN"},
		"a trade of a novel": {func(k *token) { event(k, "trade", strings.Repeat("x", 101)) }, "invalid_request", "EVENT_TOKEN"},
	} {
		p := newTill(t)
		k := p.notice()
		x.change(k)
		wantAnswer(t, p.pay(t, k), http.StatusBadRequest, x.err, x.code)
		if len(p.heard) != 0 {
			t.Errorf("%s: believed all the same", name)
		}
	}
}

// Where no platform is configured nobody's word counts.
func TestWithoutAPlatformNoPaymentIsTaken(t *testing.T) {
	p := newTill(t)
	p.Handler = hooks.New(hooks.Deps{Issuer: issuer, Apps: p, Cases: p, Clock: clock.At(noon), Log: p.logger(), Payments: p})
	for _, iss := range []any{platform, ""} {
		k := p.notice()
		k.claims["iss"] = iss
		wantAnswer(t, p.pay(t, k), http.StatusBadRequest, "invalid_issuer", "EVENT_ISSUER")
	}
}

func TestThePlatformIsToldWhetherToTryAgain(t *testing.T) {
	for status, err := range map[int]error{
		400: fault.New("c", fault.Conflict, "PAYMENT_MISMATCH"),
		404: fault.New("c", fault.NotFound, "PAYMENT_UNKNOWN"),
		503: fault.New("c", fault.Unavailable, "DATABASE_UNAVAILABLE"),
		500: fault.New("c", fault.Internal, "DATABASE_FAILED"),
	} {
		p := newTill(t)
		p.err = err
		if rec := p.pay(t, p.notice()); rec.Code != status || strings.Contains(p.log.String(), "ord_1") {
			t.Errorf("%d for %v, log %s", rec.Code, err, p.log)
		}
	}
}

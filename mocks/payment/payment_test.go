package payment_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/payment"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// shop is the merchant: its keys, its door for notices, and the platform.
type shop struct {
	*payment.Server
	t   *testing.T
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	now    time.Time
	status int // of the answers to notices
	heard  []string
	serial int
}

func newShop(t *testing.T) *shop {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, key: key, now: noon, status: http.StatusAccepted}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/jwks", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := key.PublicKey.Bytes()
		b64 := base64.RawURLEncoding.EncodeToString
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{
			{"kty": "EC", "crv": "P-256", "kid": "m1", "x": b64(point[1:33]), "y": b64(point[33:])}}})
	})
	mux.HandleFunc("POST /hooks/payments", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard = append(s.heard, string(body))
		w.WriteHeader(s.status)
	})
	merchant := httptest.NewServer(mux)
	t.Cleanup(merchant.Close)
	s.Server, err = payment.Start(payment.Config{
		Merchant: "m-1", Issuer: merchant.URL, Now: s.clock, Seed: "test",
		After: func(time.Duration) <-chan time.Time { c := make(chan time.Time, 1); c <- noon; return c },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *shop) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *shop) notices() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// until waits for something that is under way.
func (s *shop) until(what string, done func() bool) {
	s.t.Helper()
	tick, timeout := time.NewTicker(2*time.Millisecond), time.After(10*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-timeout:
			s.t.Fatal(what)
		}
	}
}

func (s *shop) claims(op string, members map[string]any) jwt.MapClaims {
	s.serial++
	c := jwt.MapClaims{"iss": "m-1", "aud": s.URL(), "jti": rand.Text(), "iat": s.clock().Unix(), "exp": s.clock().Add(time.Minute).Unix(), "op": op}
	for k, v := range members {
		c[k] = v
	}
	return c
}

func (s *shop) post(op string, claims jwt.MapClaims, typ string) (int, string) {
	s.t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["typ"], token.Header["kid"] = typ, "m1"
	body, err := token.SignedString(s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Post(s.URL()+"/v1/orders/"+op, "application/jose", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// ask does a call and gives code and order of the answer, its signature checked.
func (s *shop) ask(op string, members map[string]any) (string, payment.Order) {
	s.t.Helper()
	claims := s.claims(op, members)
	status, body := s.post(op, claims, "payment-request+jwt")
	if status != http.StatusOK {
		s.t.Fatalf("%s: %d", op, status)
	}
	var set struct{ Keys []struct{ X, Y, Kid string } }
	if err := json.Unmarshal(s.JWKS(), &set); err != nil {
		s.t.Fatal(err)
	}
	x, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].X)
	y, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].Y)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		s.t.Fatal(err)
	}
	var got struct {
		jwt.RegisteredClaims
		Req, Code string
		Order     payment.Order
	}
	_, err = jwt.ParseWithClaims(body, &got, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithIssuer(s.URL()), jwt.WithAudience("m-1"), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.clock))
	if err != nil || got.Req != claims["jti"] {
		s.t.Fatalf("%s: %v, to %q", op, err, got.Req)
	}
	return got.Code, got.Order
}

func (s *shop) create(number string, fen int64) (string, payment.Order) {
	s.t.Helper()
	return s.ask("create", map[string]any{"order": map[string]any{
		"number": number, "amount_fen": fen, "title": "保费", "expires_at": noon.Add(time.Hour), "return_url": "https://app.example/back"}})
}

func (s *shop) order(op, number string) (string, payment.Order) {
	s.t.Helper()
	return s.ask(op, map[string]any{"order": map[string]any{"number": number}})
}

func (s *shop) confirm(cashier string) string {
	s.t.Helper()
	res, err := http.Post(cashier, "application/x-www-form-urlencoded", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

func TestANumberIsOneOrder(t *testing.T) {
	s := newShop(t)
	code, first := s.create("o1", 40000)
	if code != "OK" || first.State != payment.Open || first.Cashier == "" {
		t.Fatalf("%s %+v", code, first)
	}
	if code, again := s.create("o1", 40000); code != "OK" || again.Cashier != first.Cashier || s.Counts().Orders != 1 {
		t.Errorf("%s %+v, %d orders", code, again, s.Counts().Orders)
	}
	if code, _ := s.create("o1", 1); code != "AMOUNT_DIFFERS" {
		t.Errorf("another amount: %s", code)
	}
	if code, _ := s.create("o2", 0); code != "REQUEST_INVALID" {
		t.Errorf("nothing to pay: %s", code)
	}
	if code, _ := s.order("query", "o3"); code != "ORDER_UNKNOWN" {
		t.Errorf("unknown: %s", code)
	}
}

func TestMoneyMovesOnceHoweverOftenItIsPressed(t *testing.T) {
	s := newShop(t)
	_, o := s.create("o1", 40000)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if page := s.confirm(o.Cashier); !strings.Contains(page, "支付成功") {
				t.Error("the page does not say that it is paid")
			}
		})
	}
	wg.Wait()
	code, paid := s.order("query", "o1")
	if code != "OK" || paid.State != payment.Paid || len(paid.Trades) != 1 || paid.Trades[0].Amount != 40000 || s.Counts().Trades != 1 || paid.Cashier != "" {
		t.Errorf("%s %+v", code, paid)
	}
	if _, late := s.order("close", "o1"); late.State != payment.Paid {
		t.Errorf("a paid order was closed: %s", late.State)
	}
}

func TestAClosedNumberIsNeverPaidByItsCashier(t *testing.T) {
	s := newShop(t)
	_, o := s.create("o1", 40000)
	if _, closed := s.order("close", "o1"); closed.State != payment.Closed {
		t.Fatalf("%s", closed.State)
	}
	if page := s.confirm(o.Cashier); !strings.Contains(page, "订单已关闭") {
		t.Error("the page does not say so")
	}
	if code, _ := s.create("o1", 40000); code != "ORDER_CLOSED" {
		t.Errorf("made again: %s", code)
	}
	if _, closed := s.order("close", "never"); closed.State != payment.Closed {
		t.Errorf("%s", closed.State)
	}
	if code, _ := s.create("never", 40000); code != "ORDER_CLOSED" {
		t.Errorf("a number closed before it was used: %s", code)
	}
	_, timely := s.create("o2", 1)
	s.advance(time.Hour)
	if page := s.confirm(timely.Cashier); !strings.Contains(page, "订单已关闭") || s.Counts().Trades != 0 {
		t.Error("paid after its time")
	}
}

func TestATradeGoesBackOnceAndNoFurther(t *testing.T) {
	s := newShop(t)
	s.create("o1", 40000)
	s.order("close", "o1")
	late, err := s.Settle("o1") // a bank is late
	if err != nil {
		t.Fatal(err)
	}
	refund := func(number, trade string, fen int64) string {
		code, _ := s.ask("refund", map[string]any{"order": map[string]any{"number": "o1"}, "refund": map[string]any{"number": number, "trade": trade, "amount_fen": fen}})
		return code
	}
	for range 3 {
		if code := refund("r1", late.Number, 40000); code != "OK" {
			t.Fatal(code)
		}
	}
	if code := refund("r2", late.Number, 1); code != "REFUND_EXCEEDS" {
		t.Errorf("more than the trade: %s", code)
	}
	if code := refund("r3", "T0", 1); code != "TRADE_UNKNOWN" {
		t.Errorf("no such trade: %s", code)
	}
	if o, _ := s.Order("o1"); len(o.Refunds) != 1 || o.Refunds[0].Asked != 3 || o.State != payment.Closed || s.Counts().Refunds != 1 {
		t.Errorf("%+v", o)
	}
}

func TestANoticeIsSentUntilItIsTaken(t *testing.T) {
	s := newShop(t)
	s.answers(http.StatusServiceUnavailable)
	_, o := s.create("o1", 40000)
	s.confirm(o.Cashier)
	s.until("no second attempt", func() bool { return len(s.notices()) >= 2 })
	s.answers(http.StatusAccepted)
	s.until("never taken", func() bool { o, _ := s.Order("o1"); return o.Notices[0].Taken == 1 })
	n := len(s.notices())
	heard := s.notices()
	id := func(token string) string {
		raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		var c struct{ Jti string }
		_ = json.Unmarshal(raw, &c)
		return c.Jti
	}
	if id(heard[0]) == "" || id(heard[0]) != id(heard[n-1]) {
		t.Error("another notice each time")
	}
}

func TestFaultsOfNotices(t *testing.T) {
	s := newShop(t)
	pay := func(number string, mode payment.Mode) {
		if err := s.SetFault(payment.Fault{Notices: mode}); err != nil {
			t.Fatal(err)
		}
		_, o := s.create(number, 1)
		s.confirm(o.Cashier)
	}
	pay("lost", payment.Lost)
	pay("held-1", payment.Held)
	pay("held-2", payment.Held)
	pay("doubled", payment.Doubled)
	s.until("not twice", func() bool { o, _ := s.Order("doubled"); return o.Notices[0].Taken == 2 })
	if n := len(s.notices()); n != 2 {
		t.Errorf("%d notices", n)
	}
	s.Release()
	s.until("not released", func() bool { o, _ := s.Order("held-1"); return o.Notices[0].Taken == 1 })
	said := s.notices()
	order := func(token string) string {
		raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		return string(raw)
	}
	if len(said) != 4 || !strings.Contains(order(said[2]), "held-2") || !strings.Contains(order(said[3]), "held-1") {
		t.Error("not the newest first")
	}
}

func TestWhatTheMerchantDidNotSignIsRefused(t *testing.T) {
	s := newShop(t)
	members := map[string]any{"order": map[string]any{"number": "o1"}}
	good := s.claims("query", members)
	for name, x := range map[string]struct {
		change func(jwt.MapClaims)
		typ    string
	}{
		"another merchant": {func(c jwt.MapClaims) { c["iss"] = "m-2" }, "payment-request+jwt"},
		"another platform": {func(c jwt.MapClaims) { c["aud"] = "https://elsewhere" }, "payment-request+jwt"},
		"too long a life":  {func(c jwt.MapClaims) { c["exp"] = noon.Add(time.Hour).Unix() }, "payment-request+jwt"},
		"over": {func(c jwt.MapClaims) {
			c["exp"], c["iat"] = noon.Add(-time.Minute).Unix(), noon.Add(-2*time.Minute).Unix()
		}, "payment-request+jwt"},
		"another op":    {func(c jwt.MapClaims) { c["op"] = "refund" }, "payment-request+jwt"},
		"no id":         {func(c jwt.MapClaims) { delete(c, "jti") }, "payment-request+jwt"},
		"another token": {func(jwt.MapClaims) {}, "at+jwt"},
	} {
		c := s.claims("query", members)
		x.change(c)
		if status, _ := s.post("query", c, x.typ); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := s.post("query", good, "payment-request+jwt"); status != http.StatusOK {
		t.Errorf("the good one: %d", status)
	}
	if status, _ := s.post("query", good, "payment-request+jwt"); status != http.StatusUnauthorized {
		t.Errorf("and again: %d", status)
	}
}

func TestTheCashiersPageIsClosedToOthers(t *testing.T) {
	s := newShop(t)
	_, o := s.create("o1", 40000)
	res, err := http.Get(o.Cashier)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors http://127.0.0.1:") || bytes.Contains(body, []byte("<script")) {
		t.Errorf("policy %q", policy)
	}
	for _, want := range []string{"400.00 元", "确认支付", "保费", "o1"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("%q does not stand on the page", want)
		}
	}
	res, err = http.Get(s.URL() + "/cashier/guess")
	if err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("a guess: %v", err)
	}
	_ = res.Body.Close()
}

func TestControlMovesIt(t *testing.T) {
	s := newShop(t)
	s.create("o1", 40000)
	call := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.ControlURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(raw)
	}
	for _, x := range []struct {
		method, path, body string
		status             int
		part               string
	}{
		{"POST", "/faults", `{"notices":"lost"}`, 204, ""},
		{"POST", "/orders/o1/pay", "", 200, "DEMO"},
		{"POST", "/orders/o0/pay", "", 404, "no order"},
		{"GET", "/orders/o1", "", 200, `"state":"PAID"`},
		{"GET", "/orders/o0", "", 404, "no such"},
		{"GET", "/orders", "", 200, `"number":"o1"`},
		{"GET", "/counts", "", 200, `"trades":1`},
		{"GET", "/history", "", 200, `"what":"create"`},
		{"POST", "/notices/release", "", 204, ""},
		{"POST", "/notices/send", `{"order":"o1","trade":"T","amount_fen":1,"key":"other"}`, 200, "202"},
		{"POST", "/faults", `{"api":"sleepy"}`, 400, "unknown mode"},
		{"POST", "/faults", `{"notices":"sleepy"}`, 400, "unknown mode"},
		{"POST", "/faults", `{"latency_ms":-1}`, 400, "before"},
		{"DELETE", "/faults", "", 204, ""},
	} {
		if status, body := call(x.method, x.path, x.body); status != x.status || !strings.Contains(body, x.part) {
			t.Errorf("%s %s: %d %s", x.method, x.path, status, body)
		}
	}
}

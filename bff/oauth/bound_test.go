package oauth_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
)

func newDevice(t testing.TB) *proof.Device {
	t.Helper()
	d, err := proof.NewDevice()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// prove gives a device's proof for one request; token may be empty.
func (w *world) prove(t testing.TB, d *proof.Device, method, path, token string) string {
	t.Helper()
	p, err := d.Prove(proof.Request{Method: method, URL: issuer + path, Token: token, Now: w.clock.Now()}, w.access.Nonce())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// proved posts a form with a proof of the device.
func (w *world) proved(t testing.TB, d *proof.Device, path string, f url.Values) answer {
	t.Helper()
	return w.postWith(path, f, w.prove(t, d, http.MethodPost, path, ""))
}

// postWith posts a form with these DPoP headers.
func (w *world) postWith(path string, f url.Values, proofs ...string) answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	return w.do(r)
}

// boundCode signs in on the device by a pushed request and gives the code.
func (w *world) boundCode(t testing.TB, d *proof.Device) string {
	t.Helper()
	pushed := w.proved(t, d, "/oauth2/par", signInRequest())
	if pushed.status != http.StatusCreated {
		t.Fatalf("%d %s", pushed.status, pushed.raw)
	}
	begun := w.get("/oauth2/authorize", url.Values{"client_id": {access.MobileClient}, "request_uri": {pushed.text("request_uri")}})
	begun.to(t)
	cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
	back := w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}}, "Cookie", cookie)
	return back.to(t).Get("code")
}

// boundSignIn signs in on the device.
func (w *world) boundSignIn(t testing.TB, d *proof.Device) (person, answer) {
	t.Helper()
	a := w.proved(t, d, "/oauth2/token", mobileRedeem(w.boundCode(t, d)))
	if a.status != http.StatusOK || a.text("token_type") != "DPoP" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	v, err := w.access.VerifyAccess(t.Context(), w.shows(t, d, a.text("access_token")), issuer+"/mobile")
	if err != nil {
		t.Fatal(err)
	}
	return person{Verified: v, token: a.text("access_token"), refresh: a.text("refresh_token")}, a
}

// shows presents a token with the device's proof, as at a front.
func (w *world) shows(t testing.TB, d *proof.Device, token string) access.Presented {
	t.Helper()
	const path = "/mobile/graphql"
	return access.Presented{Token: token, Proof: w.prove(t, d, http.MethodPost, path, token), Method: http.MethodPost, URL: issuer + path}
}

// openBound launches the app, whose back end holds the device's key.
func (w *world) openBound(t testing.TB, p person, app ids.AppID, d *proof.Device, change ...string) answer {
	t.Helper()
	pushed := w.proved(t, d, "/oauth2/par", w.as(t, app, with(pushRequest(app, w.launch(t, p, app)), change...)))
	if pushed.status != http.StatusCreated {
		t.Fatalf("%d %s", pushed.status, pushed.raw)
	}
	code := w.browse(app, pushed.text("request_uri")).to(t).Get("code")
	a := w.proved(t, d, "/oauth2/token", w.as(t, app, appRedeem(app, code)))
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	return a
}

func (w *world) boundUserinfo(t testing.TB, d *proof.Device, token string) answer {
	t.Helper()
	return w.get("/oauth2/userinfo", nil, "Authorization", "DPoP "+token, "DPoP", w.prove(t, d, http.MethodGet, "/oauth2/userinfo", token))
}

// demand: D01
func TestASignInIsBoundToItsDevice(t *testing.T) {
	w := production(t)
	phone := newDevice(t)
	p, a := w.boundSignIn(t, phone)
	if cnf, _ := claimsOf(t, p.token)["cnf"].(map[string]any); cnf["jkt"] != phone.Thumbprint() {
		t.Fatalf("bound to %v", cnf)
	}
	if a.header.Get("DPoP-Nonce") == "" {
		t.Fatal("no nonce was told")
	}
	session, err := w.identity.Session(t.Context(), p.Session)
	if err != nil || session.Key != phone.Thumbprint() {
		t.Fatalf("the session knows the key %q, %v", session.Key, err)
	}
	if err := w.access.SpendOnce(t.Context(), p.Shown); err != nil {
		t.Fatal(err)
	}
	if err := w.access.SpendOnce(t.Context(), p.Shown); fault.CodeOf(err) != "DPOP_PROOF_INVALID" {
		t.Fatalf("a proof spent twice: %v", err)
	}
}

func TestATokenIsWorthNothingWithoutItsKey(t *testing.T) {
	w := production(t)
	phone, thief := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	good := w.shows(t, phone, p.token)
	but := func(change func(*access.Presented)) access.Presented {
		shown := w.shows(t, phone, p.token)
		change(&shown)
		return shown
	}
	for name, c := range map[string]struct {
		shown access.Presented
		code  string
	}{
		"as a bearer token":   {bearer(p.token), "TOKEN_INVALID"},
		"bearer with a proof": {but(func(s *access.Presented) { s.Bearer = true }), "TOKEN_INVALID"},
		"without a proof":     {but(func(s *access.Presented) { s.Proof = "" }), "DPOP_PROOF_INVALID"},
		"another key's proof": {but(func(s *access.Presented) { s.Proof = w.shows(t, thief, p.token).Proof }), "DPOP_PROOF_INVALID"},
		"another token's proof": {but(func(s *access.Presented) {
			s.Proof = w.prove(t, phone, http.MethodPost, "/mobile/graphql", p.token+"x")
		}), "DPOP_PROOF_INVALID"},
		"another front's proof": {but(func(s *access.Presented) {
			s.Proof = w.prove(t, phone, http.MethodPost, "/elderly/graphql", p.token)
		}), "DPOP_PROOF_INVALID"},
		"another method's proof": {but(func(s *access.Presented) {
			s.Proof = w.prove(t, phone, http.MethodGet, "/mobile/graphql", p.token)
		}), "DPOP_PROOF_INVALID"},
		"a made-up nonce": {but(func(s *access.Presented) {
			s.Proof, _ = phone.Prove(proof.Request{Method: http.MethodPost, URL: issuer + "/mobile/graphql", Token: p.token, Now: w.clock.Now()}, "zzz.made-up")
		}), "DPOP_NONCE_REQUIRED"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.access.VerifyAccess(t.Context(), c.shown, issuer+"/mobile"); fault.CodeOf(err) != c.code {
				t.Fatalf("%v", err)
			}
		})
	}
	if _, err := w.access.VerifyAccess(t.Context(), good, issuer+"/mobile"); err != nil {
		t.Fatalf("the good one: %v", err)
	}
}

// endpoint is one that wants a proof, and a form that is good there now.
type endpoint struct {
	path string
	form func() url.Values
	good int
}

// proving gives the endpoints of a signed-in phone; next is told what was answered.
func (w *world) proving(t testing.TB, phone *proof.Device) (list []endpoint, next func(answer)) {
	t.Helper()
	p, _ := w.boundSignIn(t, phone)
	refresh := p.refresh
	return []endpoint{
		{"/oauth2/par", signInRequest, http.StatusCreated},
		{"/oauth2/token", func() url.Values { return refreshForm(refresh) }, http.StatusOK},
	}, func(a answer) { refresh = cmp.Or(a.text("refresh_token"), refresh) }
}

func TestAProofIsRefusedAtTheEndpoints(t *testing.T) {
	w := production(t)
	phone, thief := newDevice(t), newDevice(t)
	list, next := w.proving(t, phone)
	for i, at := range list {
		used := w.prove(t, phone, http.MethodPost, at.path, "")
		a := w.postWith(at.path, at.form(), used)
		if a.status != at.good {
			t.Fatalf("%s: %d %s", at.path, a.status, a.raw)
		}
		next(a)
		made := func(off time.Duration, nonce string) string {
			p, _ := phone.Prove(proof.Request{Method: http.MethodPost, URL: issuer + at.path, Now: w.clock.Now().Add(off)}, nonce)
			return p
		}
		for name, c := range map[string]struct {
			proofs []string
			error  string
		}{
			"missing":              {nil, "invalid_dpop_proof"},
			"used before":          {[]string{used}, "invalid_dpop_proof"},
			"for another endpoint": {[]string{w.prove(t, phone, http.MethodPost, list[1-i].path, "")}, "invalid_dpop_proof"},
			"for another method":   {[]string{w.prove(t, phone, http.MethodGet, at.path, "")}, "invalid_dpop_proof"},
			"61 s old":             {[]string{made(-61*time.Second, w.access.Nonce())}, "invalid_dpop_proof"},
			"of 61 s hence":        {[]string{made(61*time.Second, w.access.Nonce())}, "invalid_dpop_proof"},
			"two of them":          {[]string{w.prove(t, phone, http.MethodPost, at.path, ""), w.prove(t, thief, http.MethodPost, at.path, "")}, "invalid_dpop_proof"},
			"no proof at all":      {[]string{"a.b.c"}, "invalid_dpop_proof"},
			"without a nonce":      {[]string{made(0, "")}, "use_dpop_nonce"},
			"of a made-up nonce":   {[]string{made(0, "zzz.made-up")}, "use_dpop_nonce"},
		} {
			t.Run(at.path+" "+name, func(t *testing.T) {
				a := w.postWith(at.path, at.form(), c.proofs...)
				want(t, a, http.StatusBadRequest, c.error)
				if c.error == "use_dpop_nonce" && a.header.Get("DPoP-Nonce") != w.access.Nonce() {
					t.Fatal("the nonce to use is not told")
				}
			})
		}
	}
}

func TestANonceIsGoodForMinutes(t *testing.T) {
	w := production(t)
	phone := newDevice(t)
	list, next := w.proving(t, phone)
	nonce := w.access.Nonce()
	try := func(at endpoint) answer {
		p, _ := phone.Prove(proof.Request{Method: http.MethodPost, URL: issuer + at.path, Now: w.clock.Now()}, nonce)
		return w.postWith(at.path, at.form(), p)
	}
	w.clock.Advance(2 * time.Minute)
	for _, at := range list {
		a := try(at)
		if a.status != at.good {
			t.Fatalf("%s after two minutes: %d %s", at.path, a.status, a.raw)
		}
		next(a)
	}
	w.clock.Advance(time.Minute)
	for _, at := range list {
		a := try(at)
		want(t, a, http.StatusBadRequest, "use_dpop_nonce")
		if a.header.Get("DPoP-Nonce") != w.access.Nonce() {
			t.Errorf("%s does not tell the nonce to use", at.path)
		}
	}
}

func TestACodeIsForTheKeyThatAskedForIt(t *testing.T) {
	w := production(t)
	phone, thief := newDevice(t), newDevice(t)
	code := w.boundCode(t, phone)
	want(t, w.proved(t, thief, "/oauth2/token", mobileRedeem(code)), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", mobileRedeem(code)), http.StatusBadRequest, "invalid_dpop_proof")
	if a := w.proved(t, phone, "/oauth2/token", mobileRedeem(code)); a.status != http.StatusOK {
		t.Fatalf("the key itself: %d %s", a.status, a.raw)
	}
	// A thumbprint beside the proof must be the proof's (RFC 9449 §10).
	if pushed := w.proved(t, phone, "/oauth2/par", with(signInRequest(), "dpop_jkt", phone.Thumbprint())); pushed.status != http.StatusCreated {
		t.Fatalf("a thumbprint beside its key's proof: %d %s", pushed.status, pushed.raw)
	}
	want(t, w.proved(t, phone, "/oauth2/par", with(signInRequest(), "dpop_jkt", thief.Thumbprint())), http.StatusBadRequest, "invalid_request")
}

// Our app is known by nothing but its proof: nothing is kept of who shows none,
// and little of who does.
//
// demand: D01
func TestLittleIsKeptOfAPushedSignIn(t *testing.T) {
	w := production(t)
	phone := newDevice(t)
	want(t, w.post("/oauth2/par", with(signInRequest(), "dpop_jkt", phone.Thumbprint())), http.StatusBadRequest, "invalid_dpop_proof")
	if kept := w.kept(t); kept != 0 {
		t.Errorf("%d bytes are kept of who proved nothing", kept)
	}
	if a := w.proved(t, phone, "/oauth2/par", with(signInRequest(), "device", strings.Repeat("手", 5_000))); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if kept := w.kept(t); kept == 0 || kept > 1<<10 {
		t.Errorf("%d bytes are kept", kept)
	}
	want(t, w.proved(t, phone, "/oauth2/par", with(signInRequest(), "source", strings.Repeat("s", 20_000))), http.StatusBadRequest, "invalid_request")
	w.clock.Advance(access.RequestTTL + 11*time.Minute)
	if err := w.access.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept := w.kept(t); kept != 0 {
		t.Errorf("%d bytes are kept of what lapsed", kept)
	}
}

// kept gives how many bytes pushed requests take.
func (w *world) kept(t testing.TB) int64 {
	t.Helper()
	n, err := database.Get(t.Context(), w.db.Read(), database.One[int64], `select coalesce(sum(length(body)), 0) from access_ticket where kind = 'request'`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A thumbprint alone binds the code of an authenticated client as well (RFC 9449 §10).
func TestACodeIsForTheKeyThatWasNamed(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	backend, thief := newDevice(t), newDevice(t)
	push := func(thumbprint string) answer {
		return w.post("/oauth2/par", w.as(t, henan, with(pushRequest(henan, w.launch(t, p, henan)), "dpop_jkt", thumbprint)))
	}
	want(t, push("-"), http.StatusBadRequest, "invalid_dpop_proof")
	want(t, push("x"), http.StatusBadRequest, "invalid_request")
	code := w.browse(henan, push(backend.Thumbprint()).text("request_uri")).to(t).Get("code")
	want(t, w.proved(t, thief, "/oauth2/token", w.as(t, henan, appRedeem(henan, code))), http.StatusBadRequest, "invalid_grant")
	a := w.proved(t, backend, "/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	if cnf, _ := claimsOf(t, a.text("access_token"))["cnf"].(map[string]any); a.status != http.StatusOK || cnf["jkt"] != backend.Thumbprint() {
		t.Fatalf("the key itself: %d %s", a.status, a.raw)
	}
}

func TestARefreshTokenIsForItsDevice(t *testing.T) {
	w := production(t)
	phone, thief := newDevice(t), newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	want(t, w.proved(t, thief, "/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_dpop_proof")
	// The thief's try cost the person nothing.
	next := w.proved(t, phone, "/oauth2/token", refreshForm(p.refresh))
	if next.status != http.StatusOK || next.text("token_type") != "DPoP" {
		t.Fatalf("%d %s", next.status, next.raw)
	}
	want(t, w.proved(t, phone, "/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_grant")
	want(t, w.proved(t, phone, "/oauth2/token", refreshForm(next.text("refresh_token"))), http.StatusBadRequest, "invalid_grant")
}

func TestProductionWantsEveryRequestPushed(t *testing.T) {
	w := production(t)
	if q := w.get("/oauth2/authorize", signInRequest()).to(t); q.Get("error") != "invalid_request" || q.Get("code") != "" {
		t.Fatalf("%v", q)
	}
	if d := w.get("/.well-known/openid-configuration", nil); d.body["require_pushed_authorization_requests"] != true {
		t.Fatal("discovery does not say so")
	}
}

func TestAPushedSignInWorksOnceAndBriefly(t *testing.T) {
	w := production(t)
	phone := newDevice(t)
	push := func() url.Values {
		a := w.proved(t, phone, "/oauth2/par", signInRequest())
		if a.status != http.StatusCreated || a.body["expires_in"] != 90.0 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		return url.Values{"client_id": {access.MobileClient}, "request_uri": {a.text("request_uri")}}
	}
	once, late := push(), push()
	if a := w.get("/oauth2/authorize", with(once, "client_id", henan)); a.status != http.StatusBadRequest {
		t.Fatalf("another client's: %d", a.status)
	}
	w.get("/oauth2/authorize", once).to(t)
	if a := w.get("/oauth2/authorize", once); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("used twice: %d", a.status)
	}
	w.clock.Advance(90 * time.Second)
	if a := w.get("/oauth2/authorize", late); a.status != http.StatusBadRequest {
		t.Fatalf("at 90 s: %d", a.status)
	}
}

func TestAMiniAppsTokenIsBoundToItsBackEnd(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	backend, thief := newDevice(t), newDevice(t)
	a := w.openBound(t, p, henan, backend)
	token := a.text("access_token")
	if info := w.boundUserinfo(t, backend, token); info.status != http.StatusOK || info.text("name") != "张示例" {
		t.Fatalf("%d %s", info.status, info.raw)
	}
	again := w.prove(t, backend, http.MethodGet, "/oauth2/userinfo", token)
	for name, c := range map[string]struct {
		header []string
		error  string
	}{
		"as a bearer token":   {[]string{"Authorization", "Bearer " + token}, "invalid_token"},
		"without a proof":     {[]string{"Authorization", "DPoP " + token}, "invalid_dpop_proof"},
		"another key's proof": {[]string{"Authorization", "DPoP " + token, "DPoP", w.prove(t, thief, http.MethodGet, "/oauth2/userinfo", token)}, "invalid_dpop_proof"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.get("/oauth2/userinfo", nil, c.header...)
			want(t, got, http.StatusUnauthorized, c.error)
			if !strings.Contains(got.header.Get("WWW-Authenticate"), c.error) {
				t.Fatalf("%v", got.header)
			}
		})
	}
	if first := w.get("/oauth2/userinfo", nil, "Authorization", "DPoP "+token, "DPoP", again); first.status != http.StatusOK {
		t.Fatal(first.raw)
	}
	uses := len(w.uses(t, p))
	want(t, w.get("/oauth2/userinfo", nil, "Authorization", "DPoP "+token, "DPoP", again), http.StatusUnauthorized, "invalid_dpop_proof")
	if len(w.uses(t, p)) != uses {
		t.Fatal("what was refused stands in the ledger as told")
	}
	if in := w.post("/oauth2/introspect", w.as(t, henan, url.Values{"token": {token}})); in.text("token_type") != "DPoP" || in.body["cnf"] == nil {
		t.Fatalf("%s", in.raw)
	}
}

package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/miniapp"
)

// scene is one person with a phone, and two mini-apps whose back ends have a
// key each, as the production profile has them.
type scene struct {
	*world
	phone, backend, thief *proof.Device
	p                     person
	opened                answer // henan's tokens
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{world: production(t), phone: newDevice(t), backend: newDevice(t), thief: newDevice(t)}
	s.p, _ = s.boundSignIn(t, s.phone)
	s.agree(t, s.p, henan, "name")
	s.agree(t, s.p, zhejiang, "name")
	s.opened = s.openBound(t, s.p, henan, s.backend)
	return s
}

func (s *scene) token() string { return s.opened.text("access_token") }

// pushes pushes a launch of henan, changed.
func (s *scene) pushes(t testing.TB, change ...string) answer {
	t.Helper()
	return s.proved(t, s.backend, "/oauth2/par", s.as(t, henan, with(pushRequest(henan, s.launch(t, s.p, henan)), change...)))
}

// code gives a fresh code of henan.
func (s *scene) code(t testing.TB) string {
	t.Helper()
	return s.browse(henan, s.pushes(t).text("request_uri")).to(t).Get("code")
}

// redeems redeems a code as henan, with a fresh proof.
func (s *scene) redeems(t testing.TB, code string, change ...string) answer {
	t.Helper()
	return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, with(appRedeem(henan, code), change...)))
}

// redeemsBy redeems a code as henan, with a fresh assertion and this proof.
func (s *scene) redeemsBy(t testing.TB, code, proof string) answer {
	t.Helper()
	return s.postWith("/oauth2/token", s.as(t, henan, appRedeem(henan, code)), proof)
}

// info asks userinfo with the token and the back end's proof of it.
func (s *scene) info(t testing.TB, token string) answer {
	t.Helper()
	return s.boundUserinfo(t, s.backend, token)
}

// infoWith asks userinfo with these proofs.
func (s *scene) infoWith(proofs ...string) answer {
	header := []string{"Authorization", "DPoP " + s.token()}
	for _, p := range proofs {
		header = append(header, "DPoP", p)
	}
	return s.get("/oauth2/userinfo", nil, header...)
}

// forged signs header and claims of henan's token anew, changed, by our own key
// as a mistake of ours would.
func (s *scene) forged(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	h, c := map[string]any{}, claimsOf(t, s.token())
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(s.token(), ".")[0])
	if err := json.Unmarshal(raw, &h); err != nil {
		t.Fatal(err)
	}
	for into, from := range map[*map[string]any]map[string]any{&h: header, &c: claims} {
		maps.Copy(*into, from)
		maps.DeleteFunc(*into, func(_ string, v any) bool { return v == nil })
	}
	headerRaw, _ := json.Marshal(h)
	claimsRaw, _ := json.Marshal(c)
	return s.signed(t, string(headerRaw), string(claimsRaw))
}

func (s *scene) signed(t testing.TB, header, claims string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	sig, err := jwt.SigningMethodES256.Sign(input, s.ourKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(sig)
}

// ourKey gives our own ES256 signing key.
func (w *world) ourKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	for _, k := range w.keys.Keys {
		if k.Curve != "P-256" {
			continue
		}
		d, err := base64.RawURLEncoding.DecodeString(k.D)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	t.Fatal("no key")
	return nil
}

// byPublicKey signs henan's token with the bytes of our public key as an HMAC's.
func (s *scene) byPublicKey(t testing.TB) string {
	t.Helper()
	key := s.ourKey(t)
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(s.token(), ".")
	input := b64(fmt.Appendf(nil, `{"alg":"HS256","typ":"at+jwt","kid":%q}`, s.kidOf(t))) + "." + parts[1]
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(input))
	return input + "." + b64(mac.Sum(nil))
}

func (s *scene) kidOf(t testing.TB) string {
	t.Helper()
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(s.token(), ".")[0])
	var h struct{ Kid string }
	if err := json.Unmarshal(raw, &h); err != nil {
		t.Fatal(err)
	}
	return h.Kid
}

// unsigned gives henan's token with an alg that signs nothing.
func (s *scene) unsigned(t testing.TB, alg string) string {
	t.Helper()
	return b64(fmt.Appendf(nil, `{"alg":%q,"typ":"at+jwt","kid":%q}`, alg, s.kidOf(t))) + "." + strings.Split(s.token(), ".")[1] + "."
}

// asserts redeems a fresh code with an assertion of these claims and header.
func (s *scene) asserts(t testing.TB, header, claims map[string]any) answer {
	t.Helper()
	c := s.assertionClaims(henan)
	maps.Copy(c, claims)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	token := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	token.Header["kid"] = "k1"
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(s.apps.keys[henan])
	if err != nil {
		t.Fatal(err)
	}
	return s.proved(t, s.backend, "/oauth2/token", with(appRedeem(henan, s.code(t)), "client_assertion_type", access.AssertionType, "client_assertion", signed))
}

// refusal is one thing that must be refused, and in which words.
type refusal struct {
	does   func(*testing.T, *scene) answer
	status int
	error  string
}

const (
	bad     = http.StatusBadRequest
	unknown = http.StatusUnauthorized
)

// refusals are all that FAPI 2.0, RFC 9449, RFC 8725 and our own promises have
// refused at the endpoints, each by the error of its standard.
var refusals = map[string]refusal{
	// Proofs (RFC 9449 §4.3, §5, §7).
	"proof: missing at PAR": {func(t *testing.T, s *scene) answer { return s.post("/oauth2/par", signInRequest()) }, bad, "invalid_dpop_proof"},
	"proof: missing at token": {func(t *testing.T, s *scene) answer {
		return s.post("/oauth2/token", s.as(t, henan, appRedeem(henan, s.code(t))))
	}, bad, "invalid_dpop_proof"},
	"proof: missing at userinfo": {func(t *testing.T, s *scene) answer { return s.infoWith() }, unknown, "invalid_dpop_proof"},
	"proof: foreign at token": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.thief, "/oauth2/token", s.as(t, henan, appRedeem(henan, s.code(t))))
	}, bad, "invalid_grant"},
	"proof: foreign at userinfo": {func(t *testing.T, s *scene) answer {
		return s.infoWith(s.prove(t, s.thief, http.MethodGet, "/oauth2/userinfo", s.token()))
	}, unknown, "invalid_dpop_proof"},
	"proof: replayed at PAR": {func(t *testing.T, s *scene) answer {
		used := s.prove(t, s.phone, http.MethodPost, "/oauth2/par", "")
		s.postWith("/oauth2/par", signInRequest(), used)
		return s.postWith("/oauth2/par", signInRequest(), used)
	}, bad, "invalid_dpop_proof"},
	"proof: replayed at userinfo": {func(t *testing.T, s *scene) answer {
		used := s.prove(t, s.backend, http.MethodGet, "/oauth2/userinfo", s.token())
		s.infoWith(used)
		return s.infoWith(used)
	}, unknown, "invalid_dpop_proof"},
	"proof: replayed at token": {func(t *testing.T, s *scene) answer {
		first, second := s.code(t), s.code(t)
		used := s.prove(t, s.backend, http.MethodPost, "/oauth2/token", "")
		if a := s.redeemsBy(t, first, used); a.status != http.StatusOK {
			t.Fatalf("the first use: %d %s", a.status, a.raw)
		}
		return s.redeemsBy(t, second, used)
	}, bad, "invalid_dpop_proof"},
	"proof: wrong htu at token": {func(t *testing.T, s *scene) answer {
		return s.redeemsBy(t, s.code(t), s.prove(t, s.backend, http.MethodPost, "/oauth2/par", ""))
	}, bad, "invalid_dpop_proof"},
	"proof: wrong htm at token": {func(t *testing.T, s *scene) answer {
		return s.redeemsBy(t, s.code(t), s.prove(t, s.backend, http.MethodGet, "/oauth2/token", ""))
	}, bad, "invalid_dpop_proof"},
	"proof: iat 61 s ago at token": {func(t *testing.T, s *scene) answer {
		return s.redeemsBy(t, s.code(t), s.tokenProofAt(t, -61*time.Second))
	}, bad, "invalid_dpop_proof"},
	"proof: iat 61 s hence at token": {func(t *testing.T, s *scene) answer {
		return s.redeemsBy(t, s.code(t), s.tokenProofAt(t, 61*time.Second))
	}, bad, "invalid_dpop_proof"},
	"proof: wrong htu": {func(t *testing.T, s *scene) answer {
		return s.infoWith(s.prove(t, s.backend, http.MethodGet, "/oauth2/introspect", s.token()))
	}, unknown, "invalid_dpop_proof"},
	"proof: wrong htm": {func(t *testing.T, s *scene) answer {
		return s.infoWith(s.prove(t, s.backend, http.MethodPost, "/oauth2/userinfo", s.token()))
	}, unknown, "invalid_dpop_proof"},
	"proof: another token's ath": {func(t *testing.T, s *scene) answer {
		return s.infoWith(s.prove(t, s.backend, http.MethodGet, "/oauth2/userinfo", s.p.token))
	}, unknown, "invalid_dpop_proof"},
	"proof: iat 61 s ago":   {func(t *testing.T, s *scene) answer { return s.infoWith(s.proofAt(t, -61*time.Second)) }, unknown, "invalid_dpop_proof"},
	"proof: iat 61 s hence": {func(t *testing.T, s *scene) answer { return s.infoWith(s.proofAt(t, 61*time.Second)) }, unknown, "invalid_dpop_proof"},
	"a bearer token": {func(t *testing.T, s *scene) answer {
		return s.get("/oauth2/userinfo", nil, "Authorization", "Bearer "+s.token())
	}, unknown, "invalid_token"},

	// Access tokens (RFC 8725, RFC 9068).
	"token: alg none":                  {func(t *testing.T, s *scene) answer { return s.info(t, s.unsigned(t, "none")) }, unknown, "invalid_token"},
	"token: alg noNE":                  {func(t *testing.T, s *scene) answer { return s.info(t, s.unsigned(t, "noNE")) }, unknown, "invalid_token"},
	"token: HS256 with the public key": {func(t *testing.T, s *scene) answer { return s.info(t, s.byPublicKey(t)) }, unknown, "invalid_token"},
	"token: jku of a stranger": {func(t *testing.T, s *scene) answer {
		return s.info(t, s.forged(t, map[string]any{"jku": "https://evil.example/jwks"}, nil))
	}, unknown, "invalid_token"},
	"token: unknown crit": {func(t *testing.T, s *scene) answer {
		return s.info(t, s.forged(t, map[string]any{"crit": []string{"x"}, "x": 1}, nil))
	}, unknown, "invalid_token"},
	"token: no exp": {func(t *testing.T, s *scene) answer { return s.info(t, s.forged(t, nil, map[string]any{"exp": nil})) }, unknown, "invalid_token"},
	"token: wrong aud": {func(t *testing.T, s *scene) answer {
		return s.info(t, s.forged(t, nil, map[string]any{"aud": zhejiang}))
	}, unknown, "invalid_token"},
	"token: a list of aud": {func(t *testing.T, s *scene) answer {
		return s.info(t, s.forged(t, nil, map[string]any{"aud": []string{henan}}))
	}, unknown, "invalid_token"},
	"token: a claim twice": {func(t *testing.T, s *scene) answer {
		parts := strings.Split(s.token(), ".")
		h, _ := base64.RawURLEncoding.DecodeString(parts[0])
		c, _ := base64.RawURLEncoding.DecodeString(parts[1])
		return s.info(t, s.signed(t, string(h), `{"sub":"somebody",`+string(c)[1:]))
	}, unknown, "invalid_token"},
	"token: JSON-serialised": {func(t *testing.T, s *scene) answer {
		parts := strings.Split(s.token(), ".")
		raw, _ := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
		return s.info(t, string(raw))
	}, unknown, "invalid_token"},
	"token: an ID token": {func(t *testing.T, s *scene) answer { return s.info(t, s.opened.text("id_token")) }, unknown, "invalid_token"},
	"token: our app's":   {func(t *testing.T, s *scene) answer { return s.info(t, s.p.token) }, unknown, "invalid_token"},
	"token: another issuer's": {func(t *testing.T, s *scene) answer {
		return s.info(t, s.forged(t, nil, map[string]any{"iss": "https://evil.example"}))
	}, unknown, "invalid_token"},
	"token: after its time": {func(t *testing.T, s *scene) answer {
		s.clock.Advance(minute)
		s.poll(t)
		return s.info(t, s.token())
	}, unknown, "invalid_token"},

	// Codes and redirects (RFC 6749, RFC 7636, RFC 9700 §4.1, §4.5, §4.8).
	"code: twice": {func(t *testing.T, s *scene) answer {
		code := s.code(t)
		s.redeems(t, code)
		return s.redeems(t, code)
	}, bad, "invalid_grant"},
	"code: at 61 s": {func(t *testing.T, s *scene) answer {
		code := s.code(t)
		s.clock.Advance(61 * time.Second)
		s.poll(t)
		return s.redeems(t, code)
	}, bad, "invalid_grant"},
	"code: of another client": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, zhejiang, appRedeem(henan, s.code(t))))
	}, bad, "invalid_grant"},
	"code: by our public app": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/token", with(appRedeem(henan, s.code(t)), "client_id", access.MobileClient))
	}, bad, "invalid_grant"},
	"code: with another verifier": {func(t *testing.T, s *scene) answer {
		return s.redeems(t, s.code(t), "code_verifier", strings.Repeat("x", 43))
	}, bad, "invalid_grant"},
	"code: with another redirect": {func(t *testing.T, s *scene) answer {
		return s.redeems(t, s.code(t), "redirect_uri", callbackOf(henan)+"/")
	}, bad, "invalid_grant"},
	"redirect: with a slash": {func(t *testing.T, s *scene) answer { return s.pushes(t, "redirect_uri", callbackOf(henan)+"/") }, bad, "invalid_request"},
	"redirect: with a query": {func(t *testing.T, s *scene) answer { return s.pushes(t, "redirect_uri", callbackOf(henan)+"?x") }, bad, "invalid_request"},
	"redirect: by http": {func(t *testing.T, s *scene) answer {
		return s.pushes(t, "redirect_uri", strings.Replace(callbackOf(henan), "https", "http", 1))
	}, bad, "invalid_request"},
	"redirect: none": {func(t *testing.T, s *scene) answer { return s.pushes(t, "redirect_uri", "-") }, bad, "invalid_request"},
	"PKCE: plain":    {func(t *testing.T, s *scene) answer { return s.pushes(t, "code_challenge_method", "plain") }, bad, "invalid_request"},
	"PKCE: no challenge": {func(t *testing.T, s *scene) answer {
		return s.pushes(t, "code_challenge", "-", "code_challenge_method", "-")
	}, bad, "invalid_request"},
	"PKCE: no challenge (our app)": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.phone, "/oauth2/par", with(signInRequest(), "code_challenge", "-"))
	}, bad, "invalid_request"},
	"scope: outside the manifest": {func(t *testing.T, s *scene) answer { return s.pushes(t, "scope", "openid bank_account") }, bad, "invalid_scope"},
	"response type: token":        {func(t *testing.T, s *scene) answer { return s.pushes(t, "response_type", "token") }, bad, "unsupported_response_type"},
	"grant: password":             {func(t *testing.T, s *scene) answer { return s.redeems(t, "", "grant_type", "password") }, bad, "unsupported_grant_type"},
	"grant: implicit":             {func(t *testing.T, s *scene) answer { return s.redeems(t, "", "grant_type", "implicit") }, bad, "unsupported_grant_type"},
	"a shared secret": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/token", with(appRedeem(henan, s.code(t)), "client_id", henan, "client_secret", "x"))
	}, unknown, "invalid_client"},

	// Assertions (RFC 7523, FAPI 2.0 §5.3.2.1-8, RFC 8725).
	"assertion: used before": {func(t *testing.T, s *scene) answer {
		form := s.as(t, henan, appRedeem(henan, s.code(t)))
		s.proved(t, s.backend, "/oauth2/token", form)
		return s.proved(t, s.backend, "/oauth2/token", form)
	}, unknown, "invalid_client"},
	"assertion: none": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/par", with(pushRequest(henan, s.launch(t, s.p, henan)), "client_id", henan))
	}, unknown, "invalid_client"},
	"assertion: for the token URL": {func(t *testing.T, s *scene) answer {
		return s.asserts(t, nil, map[string]any{"aud": issuer + "/oauth2/token"})
	}, unknown, "invalid_client"},
	"assertion: a list of aud": {func(t *testing.T, s *scene) answer { return s.asserts(t, nil, map[string]any{"aud": []string{issuer}}) }, unknown, "invalid_client"},
	"assertion: for three minutes": {func(t *testing.T, s *scene) answer {
		return s.asserts(t, nil, map[string]any{"exp": s.clock.Now().Add(3 * time.Minute).Unix()})
	}, unknown, "invalid_client"},
	"assertion: no exp":       {func(t *testing.T, s *scene) answer { return s.asserts(t, nil, map[string]any{"exp": nil}) }, unknown, "invalid_client"},
	"assertion: no jti":       {func(t *testing.T, s *scene) answer { return s.asserts(t, nil, map[string]any{"jti": nil}) }, unknown, "invalid_client"},
	"assertion: unknown crit": {func(t *testing.T, s *scene) answer { return s.asserts(t, map[string]any{"crit": []string{"x"}}, nil) }, unknown, "invalid_client"},
	"assertion: iat 11 s hence": {func(t *testing.T, s *scene) answer {
		return s.asserts(t, nil, map[string]any{"iat": s.clock.Now().Add(11 * time.Second).Unix()})
	}, unknown, "invalid_client"},

	// Handles (our own: a launch proves itself once).
	"handle: twice": {func(t *testing.T, s *scene) answer {
		handle := s.launch(t, s.p, henan)
		s.browse(henan, s.pushes(t, "login_hint", handle).text("request_uri"))
		return s.pushes(t, "login_hint", handle)
	}, bad, "invalid_request"},
	"handle: of another app": {func(t *testing.T, s *scene) answer { return s.pushes(t, "login_hint", s.launch(t, s.p, zhejiang)) }, bad, "invalid_request"},
	"handle: at 61 s": {func(t *testing.T, s *scene) answer {
		handle := s.launch(t, s.p, henan)
		s.clock.Advance(61 * time.Second)
		s.poll(t)
		return s.pushes(t, "login_hint", handle)
	}, bad, "invalid_request"},

	// Exchanges (RFC 8693).
	"exchange: another app's token": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, zhejiang, exchangeForm(s.token())))
	}, bad, "invalid_request"},
	"exchange: act deeper than one": {func(t *testing.T, s *scene) answer {
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, exchangeForm(s.token(), "actor_token", s.token(), "actor_token_type", accessToken)))
	}, bad, "invalid_request"},
	"exchange: act deeper than one, by mandates": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t)
		return e.proved(t, e.device, "/oauth2/token", e.form("actor_token", e.acts.token, "subject_token", string(e.aunt(t).ID)))
	}, bad, "invalid_request"},

	// What ended.
	"after sign-out: userinfo": {func(t *testing.T, s *scene) answer { s.signOut(t); return s.info(t, s.token()) }, unknown, "invalid_token"},
	"after sign-out: refresh": {func(t *testing.T, s *scene) answer {
		s.signOut(t)
		return s.proved(t, s.phone, "/oauth2/token", refreshForm(s.p.refresh))
	}, bad, "invalid_grant"},
	"after sign-out: a code": {func(t *testing.T, s *scene) answer {
		code := s.code(t)
		s.signOut(t)
		return s.redeems(t, code)
	}, bad, "invalid_grant"},
	"after sign-out: exchange": {func(t *testing.T, s *scene) answer {
		s.signOut(t)
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, exchangeForm(s.token())))
	}, bad, "invalid_request"},
	"after withdrawal: userinfo": {func(t *testing.T, s *scene) answer { s.withdraw(t); return s.info(t, s.token()) }, unknown, "invalid_token"},
	"after withdrawal: a code": {func(t *testing.T, s *scene) answer {
		code := s.code(t)
		s.withdraw(t)
		return s.redeems(t, code)
	}, bad, "invalid_grant"},
	"after withdrawal: refresh": {func(t *testing.T, s *scene) answer {
		renew := s.renewing(t)
		s.withdraw(t)
		return renew()
	}, bad, "invalid_grant"},
	"after withdrawal: exchange": {func(t *testing.T, s *scene) answer {
		s.withdraw(t)
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, exchangeForm(s.token())))
	}, bad, "invalid_request"},
	"after suspension: userinfo": {func(t *testing.T, s *scene) answer { s.suspend(); return s.info(t, s.token()) }, unknown, "invalid_token"},
	"after suspension: a code":   {func(t *testing.T, s *scene) answer { code := s.code(t); s.suspend(); return s.redeems(t, code) }, unknown, "invalid_client"},
	"after suspension: a push": {func(t *testing.T, s *scene) answer {
		form := s.as(t, henan, pushRequest(henan, s.launch(t, s.p, henan)))
		s.suspend()
		return s.proved(t, s.backend, "/oauth2/par", form)
	}, unknown, "invalid_client"},
	"after suspension: refresh": {func(t *testing.T, s *scene) answer {
		renew := s.renewing(t)
		s.suspend()
		return renew()
	}, unknown, "invalid_client"},
	"after suspension: exchange": {func(t *testing.T, s *scene) answer {
		s.suspend()
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, exchangeForm(s.token())))
	}, unknown, "invalid_client"},
	"after suspension: introspection": {func(t *testing.T, s *scene) answer {
		s.suspend()
		return s.post("/oauth2/introspect", s.as(t, henan, url.Values{"token": {s.token()}}))
	}, unknown, "invalid_client"},
	"after suspension: revocation": {func(t *testing.T, s *scene) answer {
		s.suspend()
		return s.post("/oauth2/revoke", s.as(t, henan, url.Values{"token": {s.token()}}))
	}, unknown, "invalid_client"},
	"after the mandate's end: userinfo": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t).over(t)
		return e.boundUserinfo(t, e.backend, e.tokens.text("access_token"))
	}, unknown, "invalid_token"},
	"after the mandate's end: refresh": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t).over(t)
		return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {e.tokens.text("refresh_token")}}))
	}, bad, "invalid_grant"},
	"after the mandate's end: a code": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t)
		pushed := e.proved(t, e.backend, "/oauth2/par", e.as(t, henan, pushRequest(henan, e.launch(t, e.acts, henan))))
		code := e.browse(henan, pushed.text("request_uri")).to(t).Get("code")
		if code == "" {
			t.Fatal("no code before")
		}
		e.over(t)
		return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, appRedeem(henan, code)))
	}, bad, "invalid_grant"},
	"after the mandate's end: exchange": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t).over(t)
		return e.proved(t, e.backend, "/oauth2/token", e.as(t, henan, exchangeForm(e.tokens.text("access_token"))))
	}, bad, "invalid_request"},
	"after the mandate's end: another token to act by": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t).over(t)
		return e.proved(t, e.device, "/oauth2/token", e.form())
	}, bad, "invalid_request"},
	"after the mandate's end: introspection by its token": {func(t *testing.T, _ *scene) answer {
		e := onErrand(t).over(t)
		return e.introspects(t, e.device, e.acts.token, e.acts.token)
	}, unknown, "invalid_token"},
}

// proofAt gives the back end's proof for userinfo, made so far from now.
func (s *scene) proofAt(t testing.TB, off time.Duration) string {
	t.Helper()
	return s.proofOf(t, proof.Request{Method: http.MethodGet, URL: issuer + "/oauth2/userinfo", Token: s.token()}, off)
}

// tokenProofAt gives the back end's proof for the token endpoint, made so far from now.
func (s *scene) tokenProofAt(t testing.TB, off time.Duration) string {
	t.Helper()
	return s.proofOf(t, proof.Request{Method: http.MethodPost, URL: issuer + "/oauth2/token"}, off)
}

func (s *scene) proofOf(t testing.TB, r proof.Request, off time.Duration) string {
	t.Helper()
	r.Now = s.clock.Now().Add(off)
	p, err := s.backend.Prove(r, s.access.Nonce())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// renewing opens henan with a refresh token and gives what uses it.
func (s *scene) renewing(t testing.TB) func() answer {
	t.Helper()
	s.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
	token := s.openBound(t, s.p, henan, s.backend, "scope", "openid profile offline_access").text("refresh_token")
	renew := func() answer {
		return s.proved(t, s.backend, "/oauth2/token", s.as(t, henan, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}))
	}
	if a := renew(); a.status != http.StatusOK {
		t.Fatalf("before: %d %s", a.status, a.raw)
	}
	return renew
}

func (s *scene) signOut(t testing.TB) {
	t.Helper()
	if err := s.access.SignOut(t.Context(), s.p.Actor, s.p.Session); err != nil {
		t.Fatal(err)
	}
	s.poll(t)
}

func (s *scene) withdraw(t testing.TB) {
	t.Helper()
	_, id, err := s.consent.Claims(t.Context(), s.p.Actor.Subject, henan)
	if err == nil {
		err = s.consent.Withdraw(t.Context(), s.p.Actor, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.poll(t)
}

func (s *scene) suspend() {
	s.apps.change(ids.AppID(henan), func(a *miniapp.App) { a.State = miniapp.Suspended })
}

func TestWhatMustBeRefusedIsRefusedInItsWords(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			if ok := s.info(t, s.token()); ok.status != http.StatusOK {
				t.Fatalf("before: %d %s", ok.status, ok.raw)
			}
			a := c.does(t, s)
			want(t, a, c.status, c.error)
			if len(a.raw) > 2<<10 || a.header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%d bytes, %v", len(a.raw), a.header)
			}
			if strings.Contains(a.raw, s.token()) || strings.Contains(a.raw, "张示例") {
				t.Fatal("the refusal tells something of what was sent, or of the person")
			}
		})
	}
}

// What happens to a request that is good shows that the table's refusals are
// for what each row changed.
func TestWhatTheTableChangesIsGoodOtherwise(t *testing.T) {
	s := newScene(t)
	if a := s.redeems(t, s.code(t)); a.status != http.StatusOK {
		t.Fatalf("a code: %d %s", a.status, a.raw)
	}
	if a := s.asserts(t, nil, map[string]any{"iat": s.clock.Now().Add(10 * time.Second).Unix()}); a.status != http.StatusOK {
		t.Fatalf("an assertion of 10 s hence (FAPI 2.0 §5.3.2.1-13): %d %s", a.status, a.raw)
	}
	if a := s.info(t, s.forged(t, nil, map[string]any{"jti": "at_again"})); a.status != http.StatusOK {
		t.Fatalf("a token signed anew: %d %s", a.status, a.raw)
	}
	if a := s.redeemsBy(t, s.code(t), s.tokenProofAt(t, 10*time.Second)); a.status != http.StatusOK {
		t.Fatalf("a proof for token of 10 s hence: %d %s", a.status, a.raw)
	}
	if a := s.infoWith(s.proofAt(t, 10*time.Second)); a.status != http.StatusOK {
		t.Fatalf("a proof of 10 s hence: %d %s", a.status, a.raw)
	}
	if a := s.proved(t, s.phone, "/oauth2/token", refreshForm(s.p.refresh)); a.status != http.StatusOK {
		t.Fatalf("a refresh: %d %s", a.status, a.raw)
	}
	if _, err := s.access.VerifyAccess(t.Context(), s.shows(t, s.phone, s.p.token), issuer+"/mobile"); err != nil {
		t.Fatalf("a call: %v", err)
	}
	long := strings.Repeat("s", 1200)
	for _, nonce := range []string{strings.Repeat("n", 64), strings.Repeat("n", 2<<10)} { // FAPI 2.0 §5.3.2.2-14
		q := s.browse(henan, s.pushes(t, "state", long, "nonce", nonce).text("request_uri")).to(t)
		if q.Get("state") != long {
			t.Fatalf("a long state: %v", q)
		}
		if c := claimsOf(t, s.redeems(t, q.Get("code")).text("id_token")); c["nonce"] != nonce {
			t.Fatalf("a nonce of %d characters: the ID token has %q", len(nonce), c["nonce"])
		}
	}
}

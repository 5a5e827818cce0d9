package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/signing"
)

// officers are the registered officers of a test.
type officers map[ids.OfficerID]access.Officer

func (o officers) Officer(id ids.OfficerID) (access.Officer, bool) { one, ok := o[id]; return one, ok }

const desk = "desk-1"

// register makes an officer and gives its key.
func (w *world) register(t testing.TB, id ids.OfficerID) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := signing.PublicJWK(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	w.officers[id] = access.Officer{Officer: ids.Officer{ID: id, Verifier: "hotel"}, Key: jwk}
	return key
}

func (w *world) officerForm(t testing.TB, key *ecdsa.PrivateKey, change ...any) url.Values {
	t.Helper()
	now := w.clock.Now().Unix()
	c := jwt.MapClaims{"iss": desk, "sub": desk, "aud": issuer, "jti": rand.Text(), "iat": now, "exp": now + 60}
	for i := 0; i+1 < len(change); i += 2 {
		c[change[i].(string)] = change[i+1]
		if change[i+1] == nil {
			delete(c, change[i].(string))
		}
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodES256, c).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {desk}, "client_assertion": {signed}, "client_assertion_type": {access.AssertionType}}
}

func TestAnOfficerGetsATokenForTheVerifierFrontAlone(t *testing.T) {
	w := open(t)
	key := w.register(t, desk)
	a := w.post("/oauth2/token", w.officerForm(t, key))
	if a.status != http.StatusOK || a.text("token_type") != "Bearer" || a.text("scope") != "verifier" || a.text("refresh_token") != "" || a.text("id_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	token := a.text("access_token")
	if o, _, err := w.access.VerifyOfficer(bearer(token)); err != nil || o != (ids.Officer{ID: desk, Verifier: "hotel"}) {
		t.Errorf("%+v %v", o, err)
	}
	if _, err := w.access.VerifyAccess(t.Context(), bearer(token), w.access.MobileAudience()); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Errorf("the mobile front takes it: %v", err)
	}
	w.clock.Advance(access.AccessTTL + 5*time.Second)
	if _, _, err := w.access.VerifyOfficer(bearer(token)); fault.CodeOf(err) != "TOKEN_EXPIRED" {
		t.Errorf("after its life: %v", err)
	}
}

func TestWhoLeavesTheRegistryIsRefusedWithTheNextRequest(t *testing.T) {
	w := open(t)
	key := w.register(t, desk)
	token := w.post("/oauth2/token", w.officerForm(t, key)).text("access_token")
	moved := w.officers[desk]
	moved.Verifier = "bank"
	w.officers[desk] = moved
	if _, _, err := w.access.VerifyOfficer(bearer(token)); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Errorf("with another organisation: %v", err)
	}
	delete(w.officers, desk)
	if _, _, err := w.access.VerifyOfficer(bearer(token)); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Errorf("unregistered: %v", err)
	}
	want(t, w.post("/oauth2/token", w.officerForm(t, key)), http.StatusUnauthorized, "invalid_client")
}

func TestAnOfficersAssertionIsRefused(t *testing.T) {
	w := open(t)
	key, other := w.register(t, desk), w.register(t, "desk-2")
	now := w.clock.Now().Unix()
	used := w.officerForm(t, key)
	if a := w.post("/oauth2/token", used); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	for name, form := range map[string]url.Values{
		"used before":          used,
		"by another's key":     w.officerForm(t, other),
		"for another server":   w.officerForm(t, key, "aud", "https://other.example"),
		"for the token URL":    w.officerForm(t, key, "aud", issuer+"/oauth2/token"),
		"of another subject":   w.officerForm(t, key, "sub", "desk-2"),
		"of nobody":            w.officerForm(t, key, "iss", "desk-9", "sub", "desk-9"),
		"without jti":          w.officerForm(t, key, "jti", nil),
		"without exp":          w.officerForm(t, key, "exp", nil),
		"for three minutes":    w.officerForm(t, key, "exp", now+180),
		"lapsed":               w.officerForm(t, key, "iat", now-120, "exp", now-60),
		"for another client":   with(w.officerForm(t, key), "client_id", "desk-2"),
		"of another type":      with(w.officerForm(t, key), "client_assertion_type", "x"),
		"none":                 with(w.officerForm(t, key), "client_assertion", "-"),
		"a mini-app's":         with(w.officerForm(t, key), "client_id", "-", "client_assertion", w.assertion(t, henan, w.assertionClaims(henan))),
		"our app by name only": {"grant_type": {"client_credentials"}, "client_id": {access.MobileClient}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.post("/oauth2/token", form), http.StatusUnauthorized, "invalid_client")
		})
	}
	want(t, w.post("/oauth2/token", with(w.officerForm(t, key), "scope", "mobile")), http.StatusBadRequest, "invalid_scope")
	// An officer is no mini-app: every other endpoint refuses it.
	for _, path := range []string{"/oauth2/par", "/oauth2/introspect"} {
		form := with(w.officerForm(t, key), "grant_type", "-", "token", strings.Repeat("a", 43))
		want(t, w.post(path, form), http.StatusUnauthorized, "invalid_client")
	}
	want(t, w.post("/oauth2/token", with(w.officerForm(t, key), "grant_type", "authorization_code", "code", "x")), http.StatusUnauthorized, "invalid_client")
}

func TestAPersonsTokenIsNoOfficers(t *testing.T) {
	w := open(t)
	w.register(t, desk)
	for _, token := range []string{"", "a.b.c", w.signIn(t).token} {
		if o, _, err := w.access.VerifyOfficer(bearer(token)); fault.CodeOf(err) != "TOKEN_INVALID" || o.ID != "" {
			t.Errorf("%+v %v", o, err)
		}
	}
}

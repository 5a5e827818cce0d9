package oauth_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/ledger"
)

// signInRequest is a good authorization request of our app.
func signInRequest() url.Values {
	return url.Values{"client_id": {access.MobileClient}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"xyz"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"}, "scope": {"mobile"}}
}

// mobileCode signs in and gives the code.
func (w *world) mobileCode(t testing.TB) string {
	t.Helper()
	begun := w.get("/oauth2/authorize", signInRequest())
	begun.to(t)
	cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
	back := w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}}, "Cookie", cookie)
	code := back.to(t).Get("code")
	if code == "" {
		t.Fatalf("no code: %s", back.header.Get("Location"))
	}
	return code
}

func mobileRedeem(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect},
		"code_verifier": {verifier}, "client_id": {access.MobileClient}}
}

// person is somebody signed in on our app.
type person struct {
	access.Verified
	token, refresh string
}

func (w *world) signIn(t testing.TB) person {
	t.Helper()
	a := w.post("/oauth2/token", mobileRedeem(w.mobileCode(t)))
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	v, err := w.access.VerifyAccess(t.Context(), bearer(a.text("access_token")), issuer+"/mobile")
	if err != nil {
		t.Fatal(err)
	}
	return person{Verified: v, token: a.text("access_token"), refresh: a.text("refresh_token")}
}

func (w *world) ask(t testing.TB, app ids.AppID) consent.Ask {
	t.Helper()
	a, err := w.apps.App(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	return access.Ask(a)
}

// agree has the person consent that the app receives the claims.
func (w *world) agree(t testing.TB, p person, app ids.AppID, claims ...string) consent.Consent {
	t.Helper()
	request, err := w.consent.Needed(t.Context(), p.Actor, w.ask(t, app))
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.consent.Give(t.Context(), p.Actor, w.ask(t, app), consent.Given{Version: request.Version, Claims: claims, Separate: claims})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// launch opens the app and gives the handle.
func (w *world) launch(t testing.TB, p person, app ids.AppID) string {
	t.Helper()
	l, err := w.access.OpenMiniApp(t.Context(), p.Actor, p.Session, app, "")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("login_hint")
}

func (w *world) assertionClaims(app ids.AppID) jwt.MapClaims {
	now := w.clock.Now().Unix()
	return jwt.MapClaims{"iss": string(app), "sub": string(app), "aud": issuer, "iat": now, "exp": now + 60, "jti": rand.Text()}
}

func (w *world) assertion(t testing.TB, app ids.AppID, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = "k1"
	s, err := token.SignedString(w.apps.keys[app])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// as adds a fresh assertion of the app.
func (w *world) as(t testing.TB, app ids.AppID, f url.Values) url.Values {
	t.Helper()
	return with(f, "client_id", string(app), "client_assertion_type", access.AssertionType,
		"client_assertion", w.assertion(t, app, w.assertionClaims(app)))
}

func callbackOf(app ids.AppID) string { return "https://" + string(app) + ".example/app/callback" }

// pushRequest is a good pushed request of the app.
func pushRequest(app ids.AppID, handle string) url.Values {
	return url.Values{"response_type": {"code"}, "redirect_uri": {callbackOf(app)}, "scope": {"openid profile phone"}, "state": {"st"}, "nonce": {"n-1"},
		"prompt": {"none"}, "login_hint": {handle}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"}}
}

func (w *world) push(t testing.TB, app ids.AppID, handle string) string {
	t.Helper()
	a := w.post("/oauth2/par", w.as(t, app, pushRequest(app, handle)))
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	return a.text("request_uri")
}

func (w *world) browse(app ids.AppID, requestURI string) answer {
	return w.get("/oauth2/authorize", url.Values{"client_id": {string(app)}, "request_uri": {requestURI}})
}

func (w *world) appCode(t testing.TB, p person, app ids.AppID) string {
	t.Helper()
	back := w.browse(app, w.push(t, app, w.launch(t, p, app)))
	code := back.to(t).Get("code")
	if code == "" {
		t.Fatalf("no code: %s", back.header.Get("Location"))
	}
	return code
}

func appRedeem(app ids.AppID, code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callbackOf(app)}, "code_verifier": {verifier}}
}

// openApp launches the app and gives its tokens.
func (w *world) openApp(t testing.TB, p person, app ids.AppID) answer {
	t.Helper()
	a := w.post("/oauth2/token", w.as(t, app, appRedeem(app, w.appCode(t, p, app))))
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	return a
}

func (w *world) userinfo(token string) answer {
	return w.get("/oauth2/userinfo", nil, "Authorization", "Bearer "+token)
}

func (w *world) uses(t testing.TB, p person) []ledger.Entry {
	t.Helper()
	list, _, err := w.ledger.List(t.Context(), p.Actor.Subject, ledger.Page{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// want holds an answer to a status and an OAuth error.
func want(t testing.TB, a answer, status int, oauthError string) {
	t.Helper()
	if a.status != status || a.text("error") != oauthError {
		t.Fatalf("got %d %s, want %d %s", a.status, a.raw, status, oauthError)
	}
}

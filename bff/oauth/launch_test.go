package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/miniapp"
)

// claimsOf reads a token without checking it.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	c := map[string]any{}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// demand: D02
func TestAMiniAppOpensWithoutASecondSignIn(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	l, err := w.access.OpenMiniApp(t.Context(), p.Actor, p.Session, henan, "pages/index")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(l.URL)
	q := u.Query()
	if u.Host != henan+".example" || u.Path != "/app/login" || q.Get("iss") != issuer || q.Get("target_link_uri") != "https://"+henan+".example/app/pages/index" ||
		!l.ExpiresAt.Equal(w.clock.Now().Add(minute)) {
		t.Fatalf("%+v", l)
	}
	back := w.browse(henan, w.push(t, henan, q.Get("login_hint")))
	at := back.to(t)
	if !strings.HasPrefix(back.header.Get("Location"), callbackOf(henan)+"?") || at.Get("state") != "st" || at.Get("iss") != issuer {
		t.Fatalf("back at %s", back.header.Get("Location"))
	}
	if back.header.Get("Set-Cookie") != "" || back.raw != "" {
		t.Fatal("a page or a cookie was given")
	}
	a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, at.Get("code"))))
	if a.status != http.StatusOK || a.body["expires_in"] != 60.0 || a.text("scope") != "openid profile" || a.text("refresh_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if info := w.userinfo(a.text("access_token")); info.status != http.StatusOK || info.text("name") != "张示例" || info.body["gov_level"] != 4.0 {
		t.Fatalf("%d", info.status)
	}
}

func TestTokensOfAMiniAppNameThePersonToItAlone(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	subs := map[string]bool{}
	for _, app := range []ids.AppID{henan, zhejiang} {
		w.agree(t, p, app, "name")
		a := w.openApp(t, p, app)
		token, id := claimsOf(t, a.text("access_token")), claimsOf(t, a.text("id_token"))
		if token["sub"] != id["sub"] || token["aud"] != string(app) || token["client_id"] != string(app) || id["aud"] != string(app) || id["nonce"] != "n-1" ||
			token["iss"] != issuer || token["gov_level"] != 4.0 || token["exp"].(float64)-token["iat"].(float64) != 60 {
			t.Fatalf("%v\n%v", token, id)
		}
		if again := claimsOf(t, w.openApp(t, p, app).text("access_token")); again["sub"] != token["sub"] || again["sid"] == token["sid"] {
			t.Fatal("the next launch is another person, or the same grant")
		}
		for _, value := range token {
			if value == string(p.Session) || value == string(p.Actor.Subject) {
				t.Fatal("the token carries an id of ours")
			}
		}
		subs[token["sub"].(string)] = true
		head, _ := base64.RawURLEncoding.DecodeString(strings.Split(a.text("access_token"), ".")[0])
		if !strings.Contains(string(head), `"at+jwt"`) || !strings.Contains(string(head), `"ES256"`) {
			t.Fatalf("header %s", head)
		}
	}
	if len(subs) != 2 {
		t.Fatal("two apps know the person by one name")
	}
}

func TestTokensLiveAsTheManifestSays(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Check = "introspect" })
	w.agree(t, p, henan, "name")
	if a := w.openApp(t, p, henan); a.body["expires_in"] != 600.0 {
		t.Fatalf("%v", a.body["expires_in"])
	}
}

func TestScopeIsRequestManifestAndConsent(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	launch := func(scope string) answer {
		t.Helper()
		push := w.post("/oauth2/par", w.as(t, henan, with(pushRequest(henan, w.launch(t, p, henan)), "scope", scope)))
		if push.status != http.StatusCreated {
			t.Fatal(push.raw)
		}
		code := w.browse(henan, push.text("request_uri")).to(t).Get("code")
		return w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	}
	if a := launch("openid id_number"); a.text("scope") != "openid" {
		t.Fatalf("without consent: %s", a.text("scope"))
	}
	if a := launch("openid"); w.userinfo(a.text("access_token")).text("name") != "" {
		t.Fatal("a name without its scope")
	}
	w.agree(t, p, henan, "id_number", "phone_number")
	a := launch("openid profile id_number")
	if a.text("scope") != "openid profile id_number" {
		t.Fatalf("with consent: %s", a.text("scope"))
	}
	if info := w.userinfo(a.text("access_token")); info.text("id_number") != "11010519491231002X" || info.text("phone_number") != "19900000001" {
		t.Fatal("what was consented to is missing")
	}
	if info := w.userinfo(launch("openid profile").text("access_token")); info.text("id_number") != "" {
		t.Fatal("an ID number without its scope")
	}
}

func TestOpeningAMiniAppIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *testing.T, w *world, p *person)
		app    ids.AppID
		page   string
		kind   fault.Kind
		code   string
	}{
		"unknown app":     {nil, "cn.gov.demo.none", "", fault.NotFound, "MINIAPP_NOT_FOUND"},
		"without consent": {nil, zhejiang, "", fault.Forbidden, "CONSENT_REQUIRED"},
		"unknown page":    {nil, henan, "pages/admin", fault.Invalid, "PAGE_UNKNOWN"},
		"suspended": {func(_ *testing.T, w *world, _ *person) {
			w.apps.change(henan, func(a *miniapp.App) { a.State = miniapp.Suspended })
		}, henan, "", fault.Unavailable, "APP_SUSPENDED"},
		"without an entry": {func(_ *testing.T, w *world, _ *person) {
			w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.InitiateLoginURI = "" })
		}, henan, "", fault.NotFound, "MINIAPP_NOT_FOUND"},
		"level too low": {func(_ *testing.T, w *world, _ *person) {
			w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.LevelMin = 5 })
		}, henan, "", fault.Forbidden, "LEVEL_TOO_LOW"},
		"for another where the app allows it not": {func(_ *testing.T, _ *world, p *person) {
			p.Actor = ids.Actor{Subject: "sub_parent", By: p.Actor.Subject}
		}, henan, "", fault.Forbidden, "ACTING_NOT_ALLOWED"},
		"with somebody else's session": {func(_ *testing.T, _ *world, p *person) { p.Actor.Subject = "sub_somebody" }, henan, "", fault.Unauthenticated, "SESSION_ENDED"},
		"after signing out": {func(t *testing.T, w *world, p *person) {
			if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
				t.Fatal(err)
			}
		}, henan, "", fault.Unauthenticated, "SESSION_ENDED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			if c.before != nil {
				c.before(t, w, &p)
			}
			_, err := w.access.OpenMiniApp(t.Context(), p.Actor, p.Session, c.app, c.page)
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestAPushedRequestIsRefused(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	w.agree(t, p, zhejiang, "name")
	back := callbackOf(henan)
	for name, c := range map[string]struct {
		change []string
		error  string
	}{
		"scope outside the manifest": {[]string{"scope", "openid phone"}, "invalid_scope"},
		"no openid":                  {[]string{"scope", "profile"}, "invalid_scope"},
		"redirect with a slash":      {[]string{"redirect_uri", back + "/"}, "invalid_request"},
		"redirect with a query":      {[]string{"redirect_uri", back + "?x"}, "invalid_request"},
		"redirect by http":           {[]string{"redirect_uri", strings.Replace(back, "https", "http", 1)}, "invalid_request"},
		"another's redirect":         {[]string{"redirect_uri", callbackOf(zhejiang)}, "invalid_request"},
		"plain PKCE":                 {[]string{"code_challenge_method", "plain"}, "invalid_request"},
		"no challenge":               {[]string{"code_challenge", "-"}, "invalid_request"},
		"a page wanted":              {[]string{"prompt", "login"}, "invalid_request"},
		"no prompt":                  {[]string{"prompt", "-"}, "invalid_request"},
		"a token at once":            {[]string{"response_type", "code token"}, "unsupported_response_type"},
		"a request in a request":     {[]string{"request_uri", "urn:x"}, "invalid_request"},
		"a request object":           {[]string{"request", "e30."}, "request_not_supported"},
		"no handle":                  {[]string{"login_hint", "-"}, "invalid_request"},
		"an unknown handle":          {[]string{"login_hint", strings.Repeat("A", 43)}, "invalid_request"},
		"another app's handle":       {[]string{"login_hint", w.launch(t, p, zhejiang)}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			f := with(pushRequest(henan, w.launch(t, p, henan)), c.change...)
			want(t, w.post("/oauth2/par", w.as(t, henan, f)), http.StatusBadRequest, c.error)
		})
	}
	t.Run("a public client", func(t *testing.T) {
		f := with(pushRequest(henan, w.launch(t, p, henan)), "client_id", access.MobileClient)
		want(t, w.post("/oauth2/par", f), http.StatusBadRequest, "unauthorized_client")
	})
}

func TestAHandleLapsesAndWorksOnce(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	late := w.launch(t, p, henan)
	pushedInTime := w.push(t, henan, w.launch(t, p, henan))
	w.clock.Advance(61 * time.Second)
	want(t, w.post("/oauth2/par", w.as(t, henan, pushRequest(henan, late))), http.StatusBadRequest, "invalid_request")
	if q := w.browse(henan, pushedInTime).to(t); q.Get("error") != "login_required" || q.Get("state") != "st" || q.Get("iss") != issuer {
		t.Fatalf("lapsed since the push: %v", q)
	}
	handle := w.launch(t, p, henan)
	first, second := w.push(t, henan, handle), w.push(t, henan, handle)
	if q := w.browse(henan, first).to(t); q.Get("code") == "" {
		t.Fatalf("%v", q)
	}
	if q := w.browse(henan, second).to(t); q.Get("error") != "login_required" || q.Get("code") != "" {
		t.Fatalf("a used handle: %v", q)
	}
	want(t, w.post("/oauth2/par", w.as(t, henan, pushRequest(henan, handle))), http.StatusBadRequest, "invalid_request")
}

func TestAPushedRequestWorksOnceForItsClientInTime(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	uri := w.push(t, henan, w.launch(t, p, henan))
	if a := w.browse(zhejiang, uri); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("another client: %d", a.status)
	}
	if q := w.browse(henan, uri).to(t); q.Get("code") == "" {
		t.Fatalf("%v", q)
	}
	if a := w.browse(henan, uri); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("a second time: %d", a.status)
	}
	uri = w.push(t, henan, w.launch(t, p, henan))
	w.clock.Advance(91 * time.Second)
	if a := w.browse(henan, uri); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("at 91 s: %d", a.status)
	}
}

// endings are what can end between two steps of a launch.
var endings = map[string]struct {
	do    func(t *testing.T, w *world, p person)
	error string
}{
	"signed out": {func(t *testing.T, w *world, p person) {
		if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
			t.Fatal(err)
		}
	}, "login_required"},
	"consent withdrawn": {func(t *testing.T, w *world, p person) {
		list, _, err := w.consent.List(t.Context(), p.Actor.Subject, consent.Page{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		if err := w.consent.Withdraw(t.Context(), p.Actor, list[0].ID); err != nil {
			t.Fatal(err)
		}
	}, "consent_required"},
	"app suspended": {func(_ *testing.T, w *world, _ person) {
		w.apps.change(henan, func(a *miniapp.App) { a.State = miniapp.Suspended })
	}, "unauthorized_client"},
	"level raised": {func(_ *testing.T, w *world, _ person) {
		w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.LevelMin = 5 })
	}, "interaction_required"},
}

func TestWhatEndsBetweenPushAndAuthorizeIsSaid(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			uri := w.push(t, henan, w.launch(t, p, henan))
			c.do(t, w, p)
			if q := w.browse(henan, uri).to(t); q.Get("error") != c.error || q.Get("code") != "" || q.Get("state") != "st" || q.Get("iss") != issuer {
				t.Fatalf("%v", q)
			}
		})
	}
}

func TestWhatEndsBeforeRedeemingGivesNothing(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			form := w.as(t, henan, appRedeem(henan, w.appCode(t, p, henan)))
			c.do(t, w, p)
			a := w.post("/oauth2/token", form)
			if (a.text("error") != "invalid_grant" && a.text("error") != "invalid_client") || a.text("access_token") != "" {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			if len(w.uses(t, p)) != 0 {
				t.Fatal("the ledger says that something was given")
			}
		})
	}
}

func TestWhatEndsLaterEndsTheToken(t *testing.T) {
	for name, c := range endings {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.agree(t, p, henan, "name")
			token := w.openApp(t, p, henan).text("access_token")
			if a := w.userinfo(token); a.status != http.StatusOK {
				t.Fatalf("before: %d", a.status)
			}
			c.do(t, w, p)
			a := w.userinfo(token)
			want(t, a, http.StatusUnauthorized, "invalid_token")
			if !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) || a.text("name") != "" {
				t.Fatalf("%v", a.header)
			}
		})
	}
}

func TestACodeOfAMiniAppIsRefused(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	redeem := func(app ids.AppID, change ...string) answer {
		return w.post("/oauth2/token", with(w.as(t, app, appRedeem(henan, w.appCode(t, p, henan))), change...))
	}
	want(t, redeem(zhejiang), http.StatusBadRequest, "invalid_grant")
	want(t, redeem(henan, "code_verifier", strings.Repeat("x", 43)), http.StatusBadRequest, "invalid_grant")
	want(t, redeem(henan, "redirect_uri", callbackOf(henan)+"/"), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", with(mobileRedeem(w.appCode(t, p, henan)), "redirect_uri", callbackOf(henan))), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", w.as(t, henan, mobileRedeem(w.mobileCode(t)))), http.StatusBadRequest, "invalid_grant")
	code := w.appCode(t, p, henan)
	w.clock.Advance(61 * time.Second)
	want(t, w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code))), http.StatusBadRequest, "invalid_grant")
	if a := redeem(henan); a.status != http.StatusOK {
		t.Fatalf("a good one: %s", a.raw)
	}
}

func TestAMiniAppsCodeUsedTwiceEndsItsGrantAndNotTheSession(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	code := w.appCode(t, p, henan)
	first := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	want(t, w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code))), http.StatusBadRequest, "invalid_grant")
	want(t, w.userinfo(first.text("access_token")), http.StatusUnauthorized, "invalid_token")
	if _, err := w.identity.Session(t.Context(), p.Session); err != nil {
		t.Fatalf("the person's session: %v", err)
	}
}

func TestEveryHandOverStandsInTheLedger(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name", "phone_number")
	a := w.openApp(t, p, henan)
	if got := w.uses(t, p); len(got) != 1 || got[0].Receiver.ID != henan || got[0].Basis != "consent" ||
		!slices.Equal(got[0].Fields, []string{"name", "phone_number", "gov_level"}) || got[0].Purpose != "在本应用内称呼您；办理进度联系" {
		t.Fatalf("after redeeming: %+v", got)
	}
	w.userinfo(a.text("access_token"))
	if got := w.uses(t, p); len(got) != 2 {
		t.Fatalf("after userinfo: %d entries", len(got))
	}
	if err := w.ledger.Verify(t.Context(), p.Actor.Subject); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeRecordedIsNotGiven(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	token, code := w.openApp(t, p, henan).text("access_token"), w.appCode(t, p, henan)
	allow := databasetest.FailInserts(t, w.db, "ledger_entry")
	a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code)))
	if a.status != http.StatusInternalServerError || a.text("access_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if info := w.userinfo(token); info.status != http.StatusInternalServerError || info.text("name") != "" {
		t.Fatalf("userinfo: %d", info.status)
	}
	allow()
	if a := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code))); a.status != http.StatusOK {
		t.Fatalf("the code after the trouble: %d %s", a.status, a.raw)
	}
}

func TestUserInfoTakesAMiniAppsAccessTokenOnly(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	a := w.openApp(t, p, henan)
	for name, token := range map[string]string{
		"an ID token": a.text("id_token"), "our app's token": p.token, "a refresh token": p.refresh, "nonsense": "a.b.c",
		"a changed signature": a.text("access_token")[:len(a.text("access_token"))-4] + "AAAA",
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.userinfo(token), http.StatusUnauthorized, "invalid_token")
		})
	}
	if none := w.get("/oauth2/userinfo", nil); none.status != http.StatusUnauthorized || none.header.Get("WWW-Authenticate") != "Bearer" {
		t.Fatalf("without a token: %d %v", none.status, none.header)
	}
	if q := w.get("/oauth2/userinfo", url.Values{"access_token": {a.text("access_token")}}); q.status != http.StatusUnauthorized {
		t.Fatalf("a token in the address: %d", q.status)
	}
	w.clock.Advance(60 * time.Second)
	want(t, w.userinfo(a.text("access_token")), http.StatusUnauthorized, "invalid_token")
}

func TestIntrospectionTellsItsOwnClientOnly(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	token := w.openApp(t, p, henan).text("access_token")
	ask := func(app ids.AppID, token string) answer {
		return w.post("/oauth2/introspect", w.as(t, app, url.Values{"token": {token}}))
	}
	if a := ask(henan, token); a.body["active"] != true || a.text("client_id") != henan || a.text("sub") == "" {
		t.Fatalf("%s", a.raw)
	}
	if got := w.uses(t, p); len(got) != 2 {
		t.Fatalf("%d entries in the ledger", len(got))
	}
	for _, a := range []answer{ask(zhejiang, token), ask(henan, p.token), ask(henan, "x")} {
		if a.status != http.StatusOK || a.raw != `{"active":false}` {
			t.Fatalf("%d %s", a.status, a.raw)
		}
	}
	want(t, w.post("/oauth2/introspect", url.Values{"token": {token}, "client_id": {access.MobileClient}}), http.StatusUnauthorized, "invalid_client")
	if a := w.post("/oauth2/revoke", w.as(t, zhejiang, url.Values{"token": {token}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if a := ask(henan, token); a.body["active"] != true {
		t.Fatal("another client revoked it")
	}
	if a := w.post("/oauth2/revoke", w.as(t, henan, url.Values{"token": {token}})); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	if a := ask(henan, token); a.raw != `{"active":false}` {
		t.Fatalf("after revoking: %s", a.raw)
	}
}

func TestAnAssertionIsRefused(t *testing.T) {
	w := open(t)
	used := w.assertion(t, henan, w.assertionClaims(henan))
	claims := func(change ...any) string {
		c := w.assertionClaims(henan)
		for i := 0; i+1 < len(change); i += 2 {
			c[change[i].(string)] = change[i+1]
			if change[i+1] == nil {
				delete(c, change[i].(string))
			}
		}
		return w.assertion(t, henan, c)
	}
	now := w.clock.Now().Unix()
	form := func(assertion string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {strings.Repeat("A", 43)},
			"client_assertion_type": {access.AssertionType}, "client_assertion": {assertion}}
	}
	want(t, w.post("/oauth2/token", form(used)), http.StatusBadRequest, "invalid_grant") // who calls is known, the code is not
	for name, assertion := range map[string]string{
		"used before":           used,
		"for the token URL":     claims("aud", issuer+"/oauth2/token"),
		"for a list":            claims("aud", []string{issuer}),
		"for three minutes":     claims("exp", now+180),
		"three minutes, no iat": claims("exp", now+180, "iat", nil),
		"without exp":           claims("exp", nil),
		"without jti":           claims("jti", nil),
		"of another subject":    claims("sub", zhejiang),
		"of another issuer":     claims("iss", zhejiang),
		"of nobody":             claims("iss", "cn.gov.demo.none", "sub", "cn.gov.demo.none"),
		"lapsed":                claims("iat", now-120, "exp", now-60),
		"of the future":         claims("iat", now+60, "exp", now+90),
		"by another's key":      w.assertion(t, zhejiang, w.assertionClaims(henan)),
		"none":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.post("/oauth2/token", form(assertion)), http.StatusUnauthorized, "invalid_client")
		})
	}
	t.Run("of another type", func(t *testing.T) {
		token := jwt.NewWithClaims(jwt.SigningMethodES256, w.assertionClaims(henan))
		token.Header["kid"], token.Header["typ"] = "k1", "at+jwt"
		s, _ := token.SignedString(w.apps.keys[henan])
		want(t, w.post("/oauth2/token", form(s)), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("with a secret beside", func(t *testing.T) {
		want(t, w.post("/oauth2/token", with(form(claims()), "client_secret", "x")), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("for another client_id", func(t *testing.T) {
		want(t, w.post("/oauth2/token", with(form(claims()), "client_id", zhejiang)), http.StatusUnauthorized, "invalid_client")
	})
	t.Run("by a client_id alone", func(t *testing.T) {
		want(t, w.post("/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {henan}}), http.StatusUnauthorized, "invalid_client")
	})
}

// demand: D34
func TestActingForAnotherIsSaidInTheToken(t *testing.T) {
	w := open(t)
	parent := w.signIn(t)
	w.agree(t, parent, henan, "name")
	w.source.Says = identitytest.Other()
	p := w.signIn(t)
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
	acting := person{Verified: access.Verified{Actor: ids.Actor{Subject: parent.Actor.Subject, By: p.Actor.Subject}, Session: p.Session}}
	a := w.openApp(t, acting, henan)
	token := claimsOf(t, a.text("access_token"))
	by, _ := token["act"].(map[string]any)
	if by["sub"] == nil || by["sub"] == token["sub"] || by["sub"] == string(p.Actor.Subject) {
		t.Fatalf("%v", token)
	}
	if info := w.userinfo(a.text("access_token")); info.text("name") != "张示例" {
		t.Fatal("not the person acted for")
	}
	if got := w.uses(t, parent); len(got) != 2 || got[0].By != p.Actor.Subject {
		t.Fatalf("%+v", got)
	}
}

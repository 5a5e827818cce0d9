package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/miniapp"
)

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
		"for an enterprise where the app allows it not": {func(t *testing.T, w *world, p *person) {
			w.source.Says = identitytest.ForEnterprise()
			*p = w.signIn(t)
		}, henan, "", fault.Forbidden, "ACTING_NOT_ALLOWED"},
		"for another without a source's word": {func(_ *testing.T, w *world, p *person) {
			w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
			p.Actor = ids.Actor{Subject: "sub_parent", By: p.Actor.Subject, Role: ids.Agent}
		}, henan, "", fault.Unauthenticated, "SESSION_ENDED"},
		"for an enterprise after it was for oneself": {func(t *testing.T, w *world, p *person) {
			w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.ActAllowed = true })
			w.source.Says = identitytest.ForEnterprise()
			p.Actor = w.signIn(t).Actor
		}, henan, "", fault.Unauthenticated, "SESSION_ENDED"},
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
		"scope outside the manifest": {[]string{"scope", "openid email"}, "invalid_scope"},
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
	t.Run("a launch by our public app", func(t *testing.T) {
		f := with(pushRequest(henan, w.launch(t, p, henan)), "client_id", access.MobileClient)
		want(t, w.post("/oauth2/par", f), http.StatusBadRequest, "invalid_request")
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

// Who builds a client reads these: each says what to mend.
func TestARefusalSaysWhatToMend(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	backend := newDevice(t)
	code := func() string {
		pushed := w.proved(t, backend, "/oauth2/par", w.as(t, henan, pushRequest(henan, w.launch(t, p, henan))))
		return w.browse(henan, pushed.text("request_uri")).to(t).Get("code")
	}
	redeem := func(d *proof.Device, change ...string) answer {
		return w.proved(t, d, "/oauth2/token", w.as(t, henan, with(appRedeem(henan, code()), change...)))
	}
	asserted := func(claim string, value any) answer {
		claims := w.assertionClaims(henan)
		claims[claim] = value
		return w.proved(t, backend, "/oauth2/token", with(appRedeem(henan, code()), "client_assertion_type", access.AssertionType, "client_assertion", w.assertion(t, henan, claims)))
	}
	used := code()
	form := func() url.Values { return w.as(t, henan, appRedeem(henan, used)) }
	w.proved(t, backend, "/oauth2/token", form())
	token := redeem(backend).text("access_token")
	for name, c := range map[string]struct {
		a    answer
		says string
	}{
		"a code twice":        {w.proved(t, backend, "/oauth2/token", form()), "used before"},
		"another redirect":    {redeem(backend, "redirect_uri", "https://else.example/cb"), "redirect_uri"},
		"another verifier":    {redeem(backend, "code_verifier", strings.Repeat("x", 43)), "code_verifier"},
		"another key":         {redeem(newDevice(t)), "bound to the key"},
		"another address":     {w.postWith("/oauth2/token", form(), w.prove(t, backend, http.MethodPost, "/oauth2/par", "")), "htu"},
		"another method":      {w.postWith("/oauth2/token", form(), w.prove(t, backend, http.MethodGet, "/oauth2/token", "")), "htm"},
		"aud a token URL":     {asserted("aud", issuer+"/oauth2/token"), "aud"},
		"a long life":         {asserted("exp", w.clock.Now().Unix()+200), "too long"},
		"another subject":     {asserted("sub", zhejiang), "sub is not iss"},
		"as a bearer's token": {w.get("/oauth2/userinfo", nil, "Authorization", "Bearer "+token), "DPoP scheme"},
		"not a form":          {w.do(httptest.NewRequest(http.MethodPost, "/oauth2/token", strings.NewReader("{}"))), "x-www-form-urlencoded"},
	} {
		t.Run(name, func(t *testing.T) {
			if why := c.a.text("error_description"); !strings.Contains(why, c.says) {
				t.Errorf("%d %s: %q", c.a.status, c.a.text("error"), why)
			}
		})
	}
}

// The texts of refusals go to logs and headers too: whatever stands in a proof or
// an assertion, none of it stands in them.
func TestARefusalHoldsNothingOfTheRequest(t *testing.T) {
	w := production(t)
	phone := newDevice(t)
	p, _ := w.boundSignIn(t, phone)
	const canary = "11010519491231002X"
	spoilt := func(jws string, part int, json string) string {
		parts := strings.Split(jws, ".")
		parts[part] = b64([]byte(json))
		return strings.Join(parts, ".")
	}
	for _, json := range []string{
		`{"iat":"` + canary + `"}`, `{"iat":` + canary[:17] + `e999}`, `{"jti":` + canary[:17] + `}`, `{"htm":"` + canary + `"}`, `{"` + canary + `":1,"` + canary + `":2}`,
		`{"exp":"` + canary + `"}`, `{"aud":["` + canary + `"]}`, `{"iss":"` + canary + `"}`, canary, `"` + canary + `"`, `{"alg":"` + canary + `"}`, `{"typ":"` + canary + `"}`, `{"kid":"` + canary + `"}`,
	} {
		for part := range 2 {
			held := spoilt(w.prove(t, phone, http.MethodPost, "/oauth2/token", ""), part, json)
			assertion := spoilt(w.assertion(t, henan, w.assertionClaims(henan)), part, json)
			for _, a := range []answer{
				w.postWith("/oauth2/token", mobileRedeem("x"), held),
				w.get("/oauth2/userinfo", nil, "Authorization", "DPoP "+p.token, "DPoP", held),
				w.introspectsWith("DPoP "+p.token, held, url.Values{"token": {p.token}}),
				w.post("/oauth2/token", with(appRedeem(henan, "x"), "client_assertion_type", access.AssertionType, "client_assertion", assertion)),
			} {
				told := a.raw + strings.Join(a.header.Values("WWW-Authenticate"), " ")
				if a.status < http.StatusBadRequest || strings.Contains(told, canary[:17]) {
					t.Errorf("part %d %s: %d %s", part, json, a.status, told)
				}
			}
		}
	}
}

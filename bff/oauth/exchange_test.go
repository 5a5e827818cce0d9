package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/miniapp"
)

const accessToken = "urn:ietf:params:oauth:token-type:access_token"

func exchangeForm(token string, change ...string) url.Values {
	return with(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {token}, "subject_token_type": {accessToken}}, change...)
}

func TestAMiniAppExchangesItsTokenForOurFront(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	backend, other := newDevice(t), newDevice(t)
	own := w.openBound(t, p, henan, backend).text("access_token")
	uses := len(w.uses(t, p))
	w.clock.Advance(20 * time.Second)
	a := w.proved(t, other, "/oauth2/token", w.as(t, henan, exchangeForm(own, "resource", front, "scope", "openid")))
	if a.status != http.StatusOK || a.text("issued_token_type") != accessToken || a.text("token_type") != "DPoP" || a.text("scope") != "openid" || a.text("refresh_token") != "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	got, had := claimsOf(t, a.text("access_token")), claimsOf(t, own)
	if got["aud"] != front || got["sub"] != had["sub"] || got["sid"] != had["sid"] || got["exp"] != had["exp"] || got["scope"] != "openid" {
		t.Fatalf("%v\n%v", got, had)
	}
	if cnf, _ := got["cnf"].(map[string]any); cnf["jkt"] != other.Thumbprint() {
		t.Fatal("bound to another key than the one that asked")
	}
	if len(w.uses(t, p)) != uses+1 {
		t.Fatal("the exchange does not stand in the ledger")
	}
	shown := access.Presented{Token: a.text("access_token"), Method: http.MethodPost, URL: issuer + "/miniprogram/graphql",
		Proof: w.prove(t, other, http.MethodPost, "/miniprogram/graphql", a.text("access_token"))}
	if v, _, err := w.access.VerifyVisit(t.Context(), shown); err != nil || v.Scope != "openid" {
		t.Fatalf("%+v %v", v, err)
	}
	// What it is exchanged for never lives longer, however often.
	w.clock.Advance(40 * time.Second)
	want(t, w.proved(t, other, "/oauth2/token", w.as(t, henan, exchangeForm(a.text("access_token")))), http.StatusBadRequest, "invalid_request")
}

func TestAnExchangeIsRefused(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	w.agree(t, p, zhejiang, "name")
	backend := newDevice(t)
	opened := w.openBound(t, p, henan, backend)
	own, foreign := opened.text("access_token"), w.openBound(t, p, zhejiang, backend).text("access_token")
	for name, c := range map[string]struct {
		form  url.Values
		error string
	}{
		"another app's token":        {exchangeForm(foreign), "invalid_request"},
		"our own app's token":        {exchangeForm(p.token), "invalid_request"},
		"an ID token":                {exchangeForm(opened.text("id_token")), "invalid_request"},
		"nonsense":                   {exchangeForm("a.b.c"), "invalid_request"},
		"no token":                   {exchangeForm("", "subject_token", "-"), "invalid_request"},
		"no type":                    {exchangeForm(own, "subject_token_type", "-"), "invalid_request"},
		"an ID token's type":         {exchangeForm(own, "subject_token_type", "urn:ietf:params:oauth:token-type:id_token"), "invalid_request"},
		"a refresh token wanted":     {exchangeForm(own, "requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"},
		"an actor":                   {exchangeForm(own, "actor_token", own, "actor_token_type", accessToken), "invalid_request"},
		"an actor without a type":    {exchangeForm(own, "actor_token", own), "invalid_request"},
		"another resource":           {exchangeForm(own, "resource", "https://elsewhere.example"), "invalid_target"},
		"our app's resource":         {exchangeForm(own, "resource", issuer+"/mobile"), "invalid_target"},
		"an audience":                {exchangeForm(own, "audience", zhejiang), "invalid_target"},
		"more scope":                 {exchangeForm(own, "scope", "openid profile id_number"), "invalid_scope"},
		"a scope outside the grant":  {exchangeForm(own, "scope", "id_number"), "invalid_scope"},
		"a mandate of a mini-app":    {exchangeForm("mandate_x", "subject_token_type", "urn:tongban:params:oauth:token-type:mandate"), "invalid_request"},
		"an actor of another app's":  {exchangeForm(own, "actor_token", foreign, "actor_token_type", accessToken), "invalid_request"},
		"a token signed by somebody": {exchangeForm(own[:len(own)-6] + "AAAAAA"), "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.proved(t, backend, "/oauth2/token", w.as(t, henan, c.form)), http.StatusBadRequest, c.error)
		})
	}
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	want(t, w.proved(t, backend, "/oauth2/token", w.as(t, henan, exchangeForm(own))), http.StatusBadRequest, "invalid_request")
}

// offline has henan ask for a refresh token.
func (w *world) offline(t testing.TB) person {
	t.Helper()
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	return p
}

func TestAMiniAppsRefreshTokenIsNotRotated(t *testing.T) {
	w := production(t)
	p := w.offline(t)
	backend, second := newDevice(t), newDevice(t)
	if a := w.openBound(t, p, henan, backend); a.text("refresh_token") != "" {
		t.Fatal("a refresh token that was not asked for")
	}
	a := w.openBound(t, p, henan, backend, "scope", "openid profile offline_access")
	refresh := a.text("refresh_token")
	if refresh == "" {
		t.Fatalf("%s", a.raw)
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	w.clock.Advance(2 * time.Hour)
	w.poll(t)
	uses := len(w.uses(t, p))
	for _, d := range []string{"first", "second"} {
		got := w.proved(t, second, "/oauth2/token", w.as(t, henan, form))
		if got.status != http.StatusOK || got.text("refresh_token") != "" || got.body["expires_in"] != 60.0 {
			t.Fatalf("%s: %d %s", d, got.status, got.raw)
		}
		if info := w.boundUserinfo(t, second, got.text("access_token")); info.text("name") != "张示例" {
			t.Fatalf("%s: %d %s", d, info.status, info.raw)
		}
		if now, then := claimsOf(t, got.text("access_token")), claimsOf(t, a.text("access_token")); now["sid"] != then["sid"] || now["sub"] != then["sub"] {
			t.Fatal("the new token is of another launch")
		}
	}
	if len(w.uses(t, p)) != uses+4 {
		t.Fatal("not every hand-over stands in the ledger")
	}
	if got := w.proved(t, second, "/oauth2/token", w.as(t, henan, with(form, "scope", "openid"))); got.text("scope") != "openid" {
		t.Fatalf("narrowed: %s", got.raw)
	}
	want(t, w.proved(t, second, "/oauth2/token", w.as(t, henan, with(form, "scope", "openid id_number"))), http.StatusBadRequest, "invalid_scope")
	want(t, w.proved(t, second, "/oauth2/token", w.as(t, zhejiang, form)), http.StatusBadRequest, "invalid_grant")
	want(t, w.proved(t, second, "/oauth2/token", with(form, "client_id", access.MobileClient)), http.StatusBadRequest, "invalid_grant")
	// The sweep keeps what the refresh token needs.
	w.clock.Advance(48 * time.Hour)
	w.poll(t)
	if err := w.access.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.proved(t, second, "/oauth2/token", w.as(t, henan, form)); got.status != http.StatusOK {
		t.Fatalf("after a sweep: %s", got.raw)
	}
}

func TestAMiniAppsRefreshTokenEndsWithWhatItRestsOn(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *world, person, string){
		"the session": func(t *testing.T, w *world, p person, _ string) {
			if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
				t.Fatal(err)
			}
		},
		"the consent": func(t *testing.T, w *world, p person, _ string) {
			_, id, err := w.consent.Claims(t.Context(), p.Actor.Subject, henan)
			if err == nil {
				err = w.consent.Withdraw(t.Context(), p.Actor, id)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"its revocation": func(t *testing.T, w *world, _ person, refresh string) {
			if a := w.post("/oauth2/revoke", w.as(t, henan, url.Values{"token": {refresh}})); a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.raw)
			}
		},
		"its time": func(t *testing.T, w *world, _ person, _ string) { w.clock.Advance(access.OfflineTTL) },
	} {
		t.Run(name, func(t *testing.T) {
			w := production(t)
			p := w.offline(t)
			backend := newDevice(t)
			a := w.openBound(t, p, henan, backend, "scope", "openid profile offline_access")
			if other := w.post("/oauth2/revoke", w.as(t, zhejiang, url.Values{"token": {a.text("refresh_token")}})); other.status != http.StatusOK {
				t.Fatal(other.raw)
			}
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {a.text("refresh_token")}}
			if got := w.proved(t, backend, "/oauth2/token", w.as(t, henan, form)); got.status != http.StatusOK {
				t.Fatalf("before: %s", got.raw)
			}
			end(t, w, p, a.text("refresh_token"))
			w.poll(t)
			want(t, w.proved(t, backend, "/oauth2/token", w.as(t, henan, form)), http.StatusBadRequest, "invalid_grant")
			if info := w.boundUserinfo(t, backend, a.text("access_token")); info.status != http.StatusUnauthorized {
				t.Fatalf("the access token: %d", info.status)
			}
		})
	}
}

func TestASignInsTimeIsToldOnlyWhereItMatters(t *testing.T) {
	w := production(t)
	w.clock.Advance(3 * time.Minute) // no full five minutes
	w.poll(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	w.agree(t, p, henan, "name")
	backend := newDevice(t)
	if c := claimsOf(t, w.openBound(t, p, henan, backend).text("id_token")); c["auth_time"] != nil {
		t.Fatalf("told unasked: %v", c["auth_time"])
	}
	w.clock.Advance(7 * time.Minute)
	w.poll(t)
	c := claimsOf(t, w.openBound(t, p, henan, backend, "max_age", "600").text("id_token"))
	if c["auth_time"] != float64(w.clock.Now().Add(-7*time.Minute).Truncate(5*time.Minute).Unix()) {
		t.Fatalf("%v", c["auth_time"])
	}
	for _, age := range []string{"-1", "x", "1.5", "99999999999"} {
		want(t, w.proved(t, backend, "/oauth2/par", w.as(t, henan, with(pushRequest(henan, w.launch(t, p, henan)), "max_age", age))), http.StatusBadRequest, "invalid_request")
	}
	pushed := w.proved(t, backend, "/oauth2/par", w.as(t, henan, with(pushRequest(henan, w.launch(t, p, henan)), "max_age", "60")))
	if q := w.browse(henan, pushed.text("request_uri")).to(t); q.Get("error") != "login_required" {
		t.Fatalf("%v", q)
	}
}

func TestAppsOfOneSectorKnowAPersonByOneName(t *testing.T) {
	w := production(t)
	p, _ := w.boundSignIn(t, newDevice(t))
	backend := newDevice(t)
	sub := func(henanOf, zhejiangOf string) (string, string) {
		for app, operator := range map[string]string{henan: henanOf, zhejiang: zhejiangOf} {
			code, sector, _ := strings.Cut(operator, "/")
			w.apps.change(ids.AppID(app), func(a *miniapp.App) {
				a.Manifest.Operator.CreditCode, a.Manifest.Token.Sector = code, sector
			})
		}
		w.agree(t, p, henan, "name")
		w.agree(t, p, zhejiang, "name")
		one, two := claimsOf(t, w.openBound(t, p, henan, backend).text("access_token")), claimsOf(t, w.openBound(t, p, zhejiang, backend).text("access_token"))
		return one["sub"].(string), two["sub"].(string)
	}
	if a, b := sub("code-1/health", "code-1/health"); a != b {
		t.Fatal("one sector of one operator, two names")
	}
	for _, c := range [][2]string{{"code-1/health", "code-2/health"}, {"code-1/health", "code-1/tax"}, {"code-1", "code-1"}, {"code-1/health", "code-1"}} {
		if a, b := sub(c[0], c[1]); a == b {
			t.Fatalf("%v: one name", c)
		}
	}
	if name, err := w.access.Pairwise(t.Context(), "cn.gov.demo.none", p.Actor.Subject); !fault.Is(err, fault.NotFound) || name != "" {
		t.Fatalf("%q %v", name, err)
	}
}

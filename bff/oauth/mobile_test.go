package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

func TestSignInGivesTokensOfTheApp(t *testing.T) {
	w := open(t)
	begun := w.get("/oauth2/authorize", signInRequest())
	if !strings.HasPrefix(begun.header.Get("Location"), "https://source.example/") {
		t.Fatalf("went to %s", begun.header.Get("Location"))
	}
	set := begun.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/oauth2/callback/"} {
		if !strings.Contains(set, part) {
			t.Errorf("the cookie has no %s", part)
		}
	}
	cookie, _, _ := strings.Cut(set, ";")
	back := w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}}, "Cookie", cookie)
	q := back.to(t)
	if !strings.HasPrefix(back.header.Get("Location"), redirect+"?") || q.Get("state") != "xyz" || q.Get("iss") != issuer {
		t.Fatalf("back at %s", back.header.Get("Location"))
	}
	a := w.post("/oauth2/token", mobileRedeem(q.Get("code")))
	if a.status != http.StatusOK || a.text("token_type") != "Bearer" || a.body["expires_in"] != 600.0 || a.text("scope") != "mobile" || a.text("id_token") != "" {
		t.Fatalf("%d %v", a.status, a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("headers: %v", a.header)
	}
	v, err := w.access.VerifyAccess(t.Context(), bearer(a.text("access_token")), issuer+"/mobile")
	if err != nil || v.Level != 4 || v.Client != "tongban-mobile" || v.Scope != "mobile" || v.Actor.By != "" {
		t.Fatalf("%+v, %v", v, err)
	}
	if session, err := w.identity.Session(t.Context(), v.Session); err != nil || session.Subject != v.Actor.Subject {
		t.Fatalf("%+v, %v", session, err)
	}
}

func TestASignInToNobodyKnownIsNeverRedirected(t *testing.T) {
	w := open(t)
	for name, change := range map[string][]string{
		"unknown client":            {"client_id", "somebody"},
		"no client":                 {"client_id", "-"},
		"a mini-app without a push": {"client_id", henan, "redirect_uri", callbackOf(henan)},
		"no redirect":               {"redirect_uri", "-"},
		"redirect with a slash":     {"redirect_uri", redirect + "/"},
		"redirect with a query":     {"redirect_uri", redirect + "?x"},
		"redirect with a fragment":  {"redirect_uri", redirect + "#x"},
		"another host":              {"redirect_uri", "http://127.0.0.1.evil.example/callback"},
		"a user in the address":     {"redirect_uri", "http://127.0.0.1:5005@evil.example/callback"},
		"a name for loopback":       {"redirect_uri", "http://localhost:5005/callback"},
		"port zero":                 {"redirect_uri", "http://127.0.0.1:0/callback"},
		"https":                     {"redirect_uri", "https://127.0.0.1:5005/callback"},
		"our page on another port":  {"redirect_uri", "http://127.0.0.1:8081/phone/"},
		"an unknown request_uri":    {"request_uri", "urn:ietf:params:oauth:request_uri:x"},
		"a foreign request_uri":     {"request_uri", "https://evil.example/request"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.get("/oauth2/authorize", with(signInRequest(), change...))
			if a.status != http.StatusBadRequest || a.header.Get("Location") != "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Fatalf("%d %v", a.status, a.header)
			}
			for _, value := range change {
				if len(value) > 1 && strings.Contains(a.raw, value) {
					t.Fatalf("the page shows %q", value)
				}
			}
			if !strings.Contains(a.raw, "重新登录") || !strings.Contains(a.raw, "sign in again") {
				t.Fatalf("the page does not say what to do: %s", a.raw)
			}
		})
	}
}

func TestRedirectsOfTheAppAreTaken(t *testing.T) {
	w := open(t)
	for _, uri := range []string{redirect, "http://127.0.0.1/callback", "http://127.0.0.1:65535/callback", issuer + "/phone/"} {
		if a := w.get("/oauth2/authorize", with(signInRequest(), "redirect_uri", uri)); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", uri, a.status)
		}
	}
}

func TestABadSignInRequestGoesBackWithItsError(t *testing.T) {
	w := open(t)
	for name, c := range map[string]struct {
		change []string
		error  string
	}{
		"plain PKCE":              {[]string{"code_challenge_method", "plain"}, "invalid_request"},
		"no method":               {[]string{"code_challenge_method", "-"}, "invalid_request"},
		"no challenge":            {[]string{"code_challenge", "-"}, "invalid_request"},
		"a short challenge":       {[]string{"code_challenge", "abc"}, "invalid_request"},
		"a padded challenge":      {[]string{"code_challenge", challenge(verifier) + "="}, "invalid_request"},
		"a challenge of lines":    {[]string{"code_challenge", challenge(verifier)[:20] + "\n" + challenge(verifier)[20:]}, "invalid_request"},
		"a loose last character":  {[]string{"code_challenge", strings.Repeat("A", 42) + "B"}, "invalid_request"},
		"a token at once":         {[]string{"response_type", "token"}, "unsupported_response_type"},
		"no response type":        {[]string{"response_type", "-"}, "unsupported_response_type"},
		"an answer in a fragment": {[]string{"response_mode", "fragment"}, "invalid_request"},
		"no state":                {[]string{"state", "-"}, "invalid_request"},
		"a state of lines":        {[]string{"state", "a\nb"}, "invalid_request"},
		"more scope":              {[]string{"scope", "mobile admin"}, "invalid_scope"},
		"a request object":        {[]string{"request", "e30."}, "request_not_supported"},
		"without a page":          {[]string{"prompt", "none"}, "login_required"},
		"an unknown source":       {[]string{"source", "elsewhere"}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.get("/oauth2/authorize", with(signInRequest(), c.change...))
			q := a.to(t)
			if !strings.HasPrefix(a.header.Get("Location"), redirect+"?") || q.Get("error") != c.error || q.Get("iss") != issuer || q.Get("code") != "" {
				t.Fatalf("%s", a.header.Get("Location"))
			}
		})
	}
}

func TestWhoComesBackMustBeWhoLeft(t *testing.T) {
	w := open(t)
	w.get("/oauth2/authorize", signInRequest()).to(t)
	a := w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}})
	if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("%d %v", a.status, a.header)
	}
}

func TestASourceThatRefusesIsToldToTheApp(t *testing.T) {
	w := open(t)
	begun := w.get("/oauth2/authorize", signInRequest())
	cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
	q := w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "error": {"access_denied"}}, "Cookie", cookie).to(t)
	if q.Get("error") != "access_denied" || q.Get("state") != "xyz" || q.Get("code") != "" {
		t.Fatalf("%v", q)
	}
}

func TestASourceThatIsDownIsToldToTheApp(t *testing.T) {
	w := open(t)
	w.source.Down = true
	if q := w.get("/oauth2/authorize", signInRequest()).to(t); q.Get("error") != "temporarily_unavailable" {
		t.Fatalf("%v", q)
	}
}

func TestACodeOfTheAppIsRefused(t *testing.T) {
	w := open(t)
	for name, change := range map[string][]string{
		"wrong verifier":   {"code_verifier", strings.Repeat("x", 43)},
		"short verifier":   {"code_verifier", "short"},
		"no verifier":      {"code_verifier", "-"},
		"another redirect": {"redirect_uri", "http://127.0.0.1:5006/callback"},
		"with a slash":     {"redirect_uri", redirect + "/"},
		"no redirect":      {"redirect_uri", "-"},
		"unknown code":     {"code", strings.Repeat("A", 43)},
		"no code":          {"code", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, w.post("/oauth2/token", with(mobileRedeem(w.mobileCode(t)), change...)), http.StatusBadRequest, "invalid_grant")
		})
	}
}

func TestACodeLapses(t *testing.T) {
	w := open(t)
	early, late := w.mobileCode(t), w.mobileCode(t)
	w.clock.Advance(59 * time.Second)
	if a := w.post("/oauth2/token", mobileRedeem(early)); a.status != http.StatusOK {
		t.Fatalf("at 59 s: %s", a.raw)
	}
	w.clock.Advance(2 * time.Second)
	want(t, w.post("/oauth2/token", mobileRedeem(late)), http.StatusBadRequest, "invalid_grant")
}

func TestACodeUsedTwiceEndsTheSession(t *testing.T) {
	w := open(t)
	code := w.mobileCode(t)
	first := w.post("/oauth2/token", mobileRedeem(code))
	if first.status != http.StatusOK {
		t.Fatal(first.raw)
	}
	want(t, w.post("/oauth2/token", mobileRedeem(code)), http.StatusBadRequest, "invalid_grant")
	w.poll(t)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(first.text("access_token")), issuer+"/mobile"); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("the access token: %v", err)
	}
	want(t, w.post("/oauth2/token", refreshForm(first.text("refresh_token"))), http.StatusBadRequest, "invalid_grant")
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"tongban-mobile"}}
}

func TestARefreshTokenRotates(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.clock.Advance(10 * minute)
	w.poll(t)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "TOKEN_EXPIRED" {
		t.Fatalf("the old access token: %v", err)
	}
	a := w.post("/oauth2/token", refreshForm(p.refresh))
	if a.status != http.StatusOK || a.text("refresh_token") == p.refresh {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	v, err := w.access.VerifyAccess(t.Context(), bearer(a.text("access_token")), issuer+"/mobile")
	if err != nil || v.Session != p.Session || v.Actor != p.Actor {
		t.Fatalf("%+v, %v", v, err)
	}
	if again := w.post("/oauth2/token", refreshForm(a.text("refresh_token"))); again.status != http.StatusOK {
		t.Fatal(again.raw)
	}
}

func TestARefreshTokenUsedTwiceEndsTheSession(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	next := w.post("/oauth2/token", refreshForm(p.refresh))
	if next.status != http.StatusOK {
		t.Fatal(next.raw)
	}
	want(t, w.post("/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", refreshForm(next.text("refresh_token"))), http.StatusBadRequest, "invalid_grant")
	w.poll(t)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("the access token: %v", err)
	}
}

func TestARefreshTokenIsRefused(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	want(t, w.post("/oauth2/token", with(refreshForm(p.refresh), "scope", "mobile admin")), http.StatusBadRequest, "invalid_scope")
	want(t, w.post("/oauth2/token", refreshForm(strings.Repeat("A", 43))), http.StatusBadRequest, "invalid_grant")
	want(t, w.post("/oauth2/token", w.as(t, henan, with(refreshForm(p.refresh), "client_id", "-"))), http.StatusBadRequest, "invalid_grant")
	w.clock.Advance(30 * 24 * time.Hour)
	want(t, w.post("/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_grant")
}

func TestSignOutEndsEverything(t *testing.T) {
	w := open(t)
	p, other := w.signIn(t), w.signIn(t)
	if err := w.access.SignOut(t.Context(), ids.Actor{Subject: "sub_somebody"}, p.Session); !fault.Is(err, fault.Private) {
		t.Fatalf("somebody else's: %v", err)
	}
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	w.poll(t)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("the access token: %v", err)
	}
	want(t, w.post("/oauth2/token", refreshForm(p.refresh)), http.StatusBadRequest, "invalid_grant")
	if _, err := w.access.VerifyAccess(t.Context(), bearer(other.token), issuer+"/mobile"); err != nil {
		t.Fatalf("the other device: %v", err)
	}
}

func TestATailThatIsBehindIsNotTrusted(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	if err := w.access.SignOut(t.Context(), p.Actor, p.Session); err != nil {
		t.Fatal(err)
	}
	// The tail has not seen it; while it is young it vouches.
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); err != nil {
		t.Fatalf("a young tail: %v", err)
	}
	w.clock.Advance(31 * time.Second)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("an old tail: %v", err)
	}
}

func TestRevokingTheRefreshTokenEndsTheSession(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	form := url.Values{"client_id": {"tongban-mobile"}, "token": {p.refresh}}
	if a := w.post("/oauth2/revoke", with(form, "token", "unknown")); a.status != http.StatusOK {
		t.Fatalf("an unknown token: %d %s", a.status, a.raw)
	}
	want(t, w.post("/oauth2/revoke", with(form, "token", p.token)), http.StatusBadRequest, "unsupported_token_type")
	want(t, w.post("/oauth2/revoke", with(form, "client_id", "-")), http.StatusUnauthorized, "invalid_client")
	if a := w.post("/oauth2/revoke", form); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if _, err := w.identity.Session(t.Context(), p.Session); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("the session: %v", err)
	}
}

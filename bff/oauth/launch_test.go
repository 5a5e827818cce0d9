package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// claimsOf reads a token without checking it.
func claimsOf(t testing.TB, token string) map[string]any {
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
	a := launch("openid profile phone id_number")
	if a.text("scope") != "openid profile phone id_number" {
		t.Fatalf("with consent: %s", a.text("scope"))
	}
	if info := w.userinfo(a.text("access_token")); info.text("id_number") != "11010519491231002X" || info.text("phone_number") != "19900000001" {
		t.Fatal("what was consented to is missing")
	}
	if info := w.userinfo(launch("openid profile").text("access_token")); info.text("id_number") != "" || info.text("phone_number") != "" || info.text("name") == "" {
		t.Fatalf("not what the scope opens: %s", info.raw)
	}
}

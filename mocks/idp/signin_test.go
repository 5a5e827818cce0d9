package idp_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/tongban/tongban/mocks/idp"
)

type claims struct {
	Subject string   `json:"sub"`
	Name    string   `json:"name"`
	ID      string   `json:"id_number"`
	Phone   string   `json:"phone_number"`
	Level   int      `json:"gov_level"`
	CertKey string   `json:"cert_key"`
	Places  []string `json:"places"`
}

func TestAStockClientLearnsWhoSignedIn(t *testing.T) {
	c := connect(t)
	tok := c.signIn(student)
	id, err := c.idToken(tok)
	if err != nil {
		t.Fatal(err)
	}
	if id.Nonce != "n-1" {
		t.Errorf("nonce %q", id.Nonce)
	}
	if err := id.VerifyAccessToken(tok.AccessToken); err != nil {
		t.Error(err)
	}
	var in claims
	if err := id.Claims(&in); err != nil {
		t.Fatal(err)
	}
	want := claims{Subject: id.Subject, Name: student, ID: "11010519491231002X", Phone: "13800000001",
		Level: 3, CertKey: "hash-1", Places: []string{"410000", "310000"}}
	if in.Subject == "" || strings.Contains(in.Subject, in.ID) {
		t.Errorf("sub %q", in.Subject)
	}
	if in.Name != want.Name || in.ID != want.ID || in.Phone != want.Phone || in.Level != want.Level ||
		in.CertKey != want.CertKey || !slices.Equal(in.Places, want.Places) {
		t.Errorf("claims %+v", in)
	}
}

func TestUserInfoSaysTheSameAsTheIDToken(t *testing.T) {
	c := connect(t)
	tok := c.signIn(student)
	id, err := c.idToken(tok)
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tok))
	if err != nil {
		t.Fatal(err)
	}
	var a, b claims
	if err := id.Claims(&a); err != nil {
		t.Fatal(err)
	}
	if err := info.Claims(&b); err != nil {
		t.Fatal(err)
	}
	if a.Subject != b.Subject || a.ID != b.ID || !slices.Equal(a.Places, b.Places) {
		t.Errorf("id_token %+v, userinfo %+v", a, b)
	}
}

func TestSubjectStaysOverRestartsAndDiffersByClient(t *testing.T) {
	subject := func(change func(*idp.Config)) string {
		cfg := config()
		change(&cfg)
		s, err := idp.Start(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.SubjectOf(student)
	}
	first := subject(func(*idp.Config) {})
	if again := subject(func(*idp.Config) {}); again != first {
		t.Error("another subject after a restart")
	}
	if other := subject(func(c *idp.Config) { c.ClientID = "other" }); other == first {
		t.Error("two clients could join their records")
	}
}

func TestLoginPageLetsPeopleChooseAndShowsNoNumbers(t *testing.T) {
	c := connect(t)
	res, err := http.Get(c.address())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, want := range []string{`lang="zh-CN"`, "<h1>", `name="person" value="` + student + `"`, `value="` + teacher + `"`, "看社保"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, no := range []string{"11010519491231002X", "13800000001", "<script"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
	if n := c.source.Counts().LoginPages; n != 1 {
		t.Errorf("%d login pages counted", n)
	}
}

func TestSendsBackWithStateAndIssuer(t *testing.T) {
	c := connect(t)
	_, q := c.choose(c.address(), url.Values{"person": {student}})
	if q.Get("state") != "state-1" || q.Get("iss") != c.source.Issuer() {
		t.Errorf("sent back with %v", q)
	}
}

func TestSendsBackRefusals(t *testing.T) {
	set := oauth2.SetAuthURLParam
	for want, address := range map[string]func(*stock) string{
		"login_required":            func(c *stock) string { return c.address(set("prompt", "none")) },
		"unsupported_response_type": func(c *stock) string { return c.address(set("response_type", "token")) },
		"invalid_scope":             func(c *stock) string { return c.address(set("scope", "profile")) },
		"invalid_request":           func(c *stock) string { return c.address(set("code_challenge_method", "plain")) },
		"request_uri_not_supported": func(c *stock) string { return c.address(set("request_uri", "http://x")) },
	} {
		t.Run(want, func(t *testing.T) {
			c := connect(t)
			status, q := c.open(address(c))
			if status != http.StatusSeeOther || q.Get("error") != want || q.Has("code") {
				t.Errorf("%d %v", status, q)
			}
			if n := c.source.Counts().LoginPages; n != 0 {
				t.Errorf("%d login pages", n)
			}
		})
	}
}

func TestWhoDoesNotSignInIsSentBack(t *testing.T) {
	c := connect(t)
	_, q := c.choose(c.address(), url.Values{"cancel": {"1"}})
	if q.Get("error") != "access_denied" || q.Has("code") {
		t.Errorf("sent back with %v", q)
	}
}

func TestNobodyIsSentToAnUnregisteredPlace(t *testing.T) {
	c := connect(t)
	for name, address := range map[string]string{
		"redirect_uri": c.address(oauth2.SetAuthURLParam("redirect_uri", callback+"/more")),
		"client_id":    c.address(oauth2.SetAuthURLParam("client_id", "other")),
	} {
		for _, choice := range []url.Values{{}, {"person": {student}}} {
			res, err := c.web.PostForm(address, choice)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
				t.Errorf("%s: %d to %q", name, res.StatusCode, res.Header.Get("Location"))
			}
		}
	}
}

func TestLoopbackCallbackTakesAnyPortOfThisMachineOnly(t *testing.T) {
	ok := idp.LoopbackCallback("/oauth2/callback/")
	for uri, want := range map[string]bool{
		"http://127.0.0.1:8080/oauth2/callback/national":    true,
		"http://127.0.0.1:9/oauth2/callback/x":              true,
		"http://127.0.0.1:9/other":                          false,
		"http://127.0.0.1:9/oauth2/callback/../x":           false,
		"https://127.0.0.1:9/oauth2/callback/x":             false,
		"http://127.0.0.1.example.org/oauth2/callback/x":    false,
		"http://127.0.0.1:9@example.org/oauth2/callback/x":  false,
		"http://example.org/oauth2/callback/national":       false,
		"http://127.0.0.1:9/oauth2/callback/x?next=http:/y": false,
	} {
		if ok(uri) != want {
			t.Errorf("%s: %v", uri, !want)
		}
	}
}

func TestCodeWorksOnceAndTakesBackWhatItGave(t *testing.T) {
	c := connect(t)
	code := c.code(student)
	tok, err := c.redeem(code)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.redeem(code); err == nil {
		t.Fatal("a code worked twice")
	}
	if _, err := c.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tok)); err == nil {
		t.Fatal("the token of a code that came twice still works")
	}
}

func TestCodeLapses(t *testing.T) {
	c := connect(t)
	inTime, late := c.code(student), c.code(student)
	c.at.Advance(idp.CodeTTL)
	if _, err := c.redeem(inTime); err != nil {
		t.Fatalf("at its last moment: %v", err)
	}
	c.at.Advance(time.Second)
	if _, err := c.redeem(late); err == nil {
		t.Fatal("a lapsed code worked")
	}
}

func TestTokenRefusesWhoDidNotAsk(t *testing.T) {
	for name, change := range map[string]func(*stock){
		"another verifier": func(c *stock) { c.verifier = oauth2.GenerateVerifier() },
		"another redirect": func(c *stock) { c.oauth.RedirectURL = "http://127.0.0.1:9/else" },
		"another secret":   func(c *stock) { c.oauth.ClientSecret = "guess" },
		"secret in body":   func(c *stock) { c.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams },
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			code := c.code(student)
			change(c)
			if _, err := c.redeem(code); err == nil {
				t.Fatal("it was redeemed")
			}
		})
	}
}

func TestUserInfoRefusesALapsedToken(t *testing.T) {
	c := connect(t)
	tok := c.signIn(student)
	c.at.Advance(idp.AccessTTL + time.Second)
	if _, err := c.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tok)); err == nil {
		t.Fatal("a lapsed token opened userinfo")
	}
}

func TestStartRefuses(t *testing.T) {
	for name, change := range map[string]func(*idp.Config){
		"nobody":          func(c *idp.Config) { c.People = nil },
		"no client":       func(c *idp.Config) { c.ClientSecret = "" },
		"no redirect":     func(c *idp.Config) { c.Redirect = nil },
		"level 1":         func(c *idp.Config) { c.People[0].Level = 1 },
		"two of one name": func(c *idp.Config) { c.People[1].Name = c.People[0].Name },
		"an open address": func(c *idp.Config) { c.Addr = "0.0.0.0:0" },
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			change(&c)
			if s, err := idp.Start(c); err == nil {
				s.Close()
				t.Fatal("it started")
			}
		})
	}
}

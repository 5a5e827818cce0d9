package province_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/province"
)

// opener adds to the product what a launch needs: PAR, authorize, token, userinfo.
type opener struct {
	*product
	mu     sync.Mutex
	pushed url.Values
	nonce  string // in place of the pushed one, where set
	sub    string // of userinfo
	refuse string // what authorize answers in place of a code
	app    string
}

func open(w *world, p *province.Province) *opener {
	o := &opener{product: w.product, sub: "pairwise-1", app: p.AppID()}
	o.mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		answer(rw, http.StatusOK, map[string]any{
			"issuer": o.url, "authorization_endpoint": o.url + "/oauth2/authorize", "token_endpoint": o.url + "/oauth2/token",
			"userinfo_endpoint": o.url + "/oauth2/userinfo", "jwks_uri": o.url + "/oauth2/jwks",
			"pushed_authorization_request_endpoint": o.url + "/oauth2/par", "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	o.mux.HandleFunc("POST /oauth2/par", o.par)
	o.mux.HandleFunc("GET /oauth2/authorize", o.authorize)
	o.mux.HandleFunc("POST /oauth2/token", o.token)
	o.mux.HandleFunc("GET /oauth2/userinfo", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "DPoP access-1" || strings.Count(r.Header.Get("DPoP"), ".") != 2 {
			answer(rw, http.StatusUnauthorized, nil)
			return
		}
		answer(rw, http.StatusOK, map[string]string{"sub": o.sub, "name": "张示例", "phone_number": "19900000001"})
	})
	return o
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// proved tells whether the client showed itself as private_key_jwt wants.
func (o *opener) proved(form url.Values) bool {
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(form.Get("client_assertion"), claims)
	exp, _ := claims["exp"].(float64)
	iat, _ := claims["iat"].(float64)
	return err == nil && claims["iss"] == o.app && claims["sub"] == o.app && claims["aud"] == o.url && claims["jti"] != "" && exp-iat <= 120
}

func (o *opener) par(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if !o.proved(r.PostForm) || r.Header.Get("DPoP") == "" || r.PostForm.Get("login_hint") != "handle-1" || r.PostForm.Get("prompt") != "none" || r.PostForm.Get("code_challenge_method") != "S256" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pushed = r.PostForm
	answer(w, http.StatusCreated, map[string]any{"request_uri": "urn:request:1", "expires_in": 60})
}

func (o *opener) authorize(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.URL.Query().Get("request_uri") != "urn:request:1" || r.URL.Query().Get("client_id") != o.app {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {o.pushed.Get("state")}, "iss": {o.url}, "code": {"code-1"}}
	if o.refuse != "" {
		back.Del("code")
		back.Set("error", o.refuse)
	}
	http.Redirect(w, r, o.pushed.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (o *opener) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	o.mu.Lock()
	defer o.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !o.proved(r.PostForm) || r.PostForm.Get("code") != "code-1" || base64.RawURLEncoding.EncodeToString(sum[:]) != o.pushed.Get("code_challenge") {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	nonce := o.pushed.Get("nonce")
	if o.nonce != "" {
		nonce = o.nonce
	}
	now := o.now()
	id := o.sign("JWT", jwt.MapClaims{"iss": o.url, "aud": o.app, "sub": "pairwise-1", "nonce": nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text()})
	answer(w, http.StatusOK, map[string]any{"access_token": "access-1", "token_type": "DPoP", "id_token": id, "expires_in": 60})
}

// browser follows redirects with cookies and gives the last page.
func browse(t *testing.T, address string) (int, string, *http.Client) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	status, page := visit(t, c, address)
	return status, page, c
}

func visit(t *testing.T, c *http.Client, address string) (int, string) {
	t.Helper()
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

func (o *opener) launch(p *province.Province) string {
	return p.URL() + "/app/login?" + url.Values{"iss": {o.url}, "login_hint": {"handle-1"}}.Encode()
}

func last(p *province.Province, kind string) province.Entry {
	var found province.Entry
	for _, e := range p.History() {
		if e.Kind == kind {
			found = e
		}
	}
	return found
}

func TestLaunchGreetsWithoutLogin(t *testing.T) {
	w := newWorld(t, nil, "330000")
	p := w.province("330000")
	status, page, _ := browse(t, open(w, p).launch(p))
	if status != http.StatusOK || !strings.Contains(page, "张**") || !strings.Contains(page, "199****0001") || !strings.Contains(page, "浙里办（示例）") || !strings.Contains(page, "#1565C0") {
		t.Errorf("status %d, the page does not greet in the province's face", status)
	}
	if strings.Contains(page, "张示例") || strings.Contains(page, "<form") || strings.Contains(page, "<input") {
		t.Error("the page shows the whole name, or asks for something")
	}
	if got := last(p, "callback"); got.Outcome != "ok" || got.Subject != "pairwise-1" {
		t.Errorf("history %+v", got)
	}
}

func TestLaunchRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*opener)
		address func(o *opener, p *province.Province) string
		status  int
		outcome string
		kind    string
	}{
		"without consent":   {spoil: func(o *opener) { o.refuse = "consent_required" }, status: http.StatusForbidden, outcome: "consent_required", kind: "callback"},
		"with a used hint":  {spoil: func(o *opener) { o.refuse = "login_required" }, status: http.StatusForbidden, outcome: "login_required", kind: "callback"},
		"of another login":  {spoil: func(o *opener) { o.nonce = "other" }, status: http.StatusBadGateway, outcome: "platform_failed", kind: "callback"},
		"of another person": {spoil: func(o *opener) { o.sub = "pairwise-2" }, status: http.StatusBadGateway, outcome: "platform_failed", kind: "callback"},
		"by a stranger": {address: func(_ *opener, p *province.Province) string {
			return p.URL() + "/app/login?iss=http%3A%2F%2F127.0.0.1%3A1&login_hint=handle-1"
		}, status: http.StatusBadRequest, outcome: "foreign_issuer", kind: "login"},
		"without a hint": {address: func(o *opener, p *province.Province) string {
			return p.URL() + "/app/login?iss=" + url.QueryEscape(o.url)
		}, status: http.StatusBadRequest, outcome: "no_hint", kind: "login"},
		"that the platform refuses": {address: func(o *opener, p *province.Province) string {
			return o.launch(p) + "x"
		}, status: http.StatusForbidden, outcome: "invalid_request", kind: "login"},
		"that began elsewhere": {address: func(o *opener, p *province.Province) string {
			return p.URL() + "/app/callback?state=x&code=code-1&iss=" + url.QueryEscape(o.url)
		}, status: http.StatusBadRequest, outcome: "foreign_state", kind: "callback"},
		"of nobody": {address: func(_ *opener, p *province.Province) string {
			return p.URL() + "/app/"
		}, status: http.StatusUnauthorized, outcome: "no_session", kind: "page"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil, "330000")
			p := w.province("330000")
			o := open(w, p)
			address := o.launch(p)
			if c.spoil != nil {
				c.spoil(o)
			}
			if c.address != nil {
				address = c.address(o, p)
			}
			status, page, _ := browse(t, address)
			if status != c.status || last(p, c.kind).Outcome != c.outcome || strings.Contains(page, "张") {
				t.Errorf("status %d, outcome %q", status, last(p, c.kind).Outcome)
			}
			if strings.HasSuffix(c.outcome, "_required") && !strings.Contains(page, c.outcome) {
				t.Error("the page does not say why")
			}
		})
	}
}

func TestTargetIsOnlyOurOwnPage(t *testing.T) {
	w := newWorld(t, nil, "330000")
	p := w.province("330000")
	o := open(w, p)
	status, page, _ := browse(t, o.launch(p)+"&target_link_uri="+url.QueryEscape("http://127.0.0.1:1/app/"))
	if status != http.StatusOK || !strings.Contains(page, "张**") {
		t.Errorf("a foreign target is followed, or the launch fails: %d", status)
	}
}

func TestTwoProvincesOnOneHostDoNotMixTheirSessions(t *testing.T) {
	w := newWorld(t, nil, "330000", "310000")
	p, other := w.province("330000"), w.province("310000")
	status, _, client := browse(t, open(w, p).launch(p))
	if status != http.StatusOK {
		t.Fatalf("launch: %d", status)
	}
	if status, _ := visit(t, client, other.URL()+"/app/"); status != http.StatusUnauthorized {
		t.Errorf("the other province greets too: %d", status)
	}
	if status, _ := visit(t, client, p.URL()+"/app/"); status != http.StatusOK {
		t.Errorf("the own session is gone: %d", status)
	}
}

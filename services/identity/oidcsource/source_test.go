package oidcsource_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/oidcsource"
)

const redirectURL = "http://127.0.0.1:8080/oauth2/callback/national"

func config(issuer string) oidcsource.Config {
	return oidcsource.Config{
		Name: "national", Title: "国家平台(示例)", Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL,
	}
}

func open(t *testing.T, change func(*oidcsource.Config)) (*oidcsource.Source, *fake, *clock.Fixed) {
	t.Helper()
	now := clock.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	f := newFake(t, now)
	c := config(f.URL)
	if change != nil {
		change(&c)
	}
	s, err := oidcsource.New(c, now, ids.Random(), signer{})
	if err != nil {
		t.Fatal(err)
	}
	return s, f, now
}

func roundTrip(t *testing.T, s *oidcsource.Source, f *fake) (identity.Evidence, error) {
	t.Helper()
	c, err := s.Begin(t.Context(), 0)
	if err != nil {
		return identity.Evidence{}, err
	}
	return s.Finish(t.Context(), f.authorize(t, c.URL), c.Verifier, c.Nonce)
}

// demand: D01
func TestAnHonestSourceGivesEvidence(t *testing.T) {
	for _, alg := range []string{"ES256", "RS256", "EdDSA"} {
		t.Run(alg, func(t *testing.T) {
			s, f, _ := open(t, nil)
			f.set(func() { f.alg = alg })
			got, err := roundTrip(t, s, f)
			if err != nil {
				t.Fatal(err)
			}
			want := identity.Evidence{
				Source: "national", ExternalSub: "n-1", Name: "张示例", IDNumber: "11010519491231002X", Phone: "19900000001",
				CertKey: "hash", Level: 4, Places: []ids.AreaCode{"410000", "310000"},
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatal("the evidence is not what the source said")
			}
			if f.userinfos != 0 {
				t.Error("userinfo was asked for nothing")
			}
		})
	}
}

func TestAnAnswerThatProvesNothingIsRefused(t *testing.T) {
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*fake) {
		return func(f *fake) { f.claims = func(c jwt.MapClaims) { c[name] = value } }
	}
	without := func(name string) func(*fake) {
		return func(f *fake) {
			f.claims = func(c jwt.MapClaims) { delete(c, name) }
			f.userinfo = map[string]any{"sub": "n-1"}
		}
	}
	at := func(d time.Duration) int64 {
		return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(d).Unix()
	}
	answer := func(status int, kind, body string) func(*fake) {
		return func(f *fake) {
			f.token = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}
		}
	}
	for name, lie := range map[string]func(*fake){
		"another's key":           func(f *fake) { f.key = foreign },
		"signed with the secret":  func(f *fake) { f.alg = "HS256" },
		"not signed":              func(f *fake) { f.alg = "none" },
		"an algorithm not agreed": func(f *fake) { f.alg = "RS512" },
		"another nonce":           claim("nonce", "x"),
		"no nonce":                without("nonce"),
		"another issuer":          claim("iss", "https://other.example"),
		"another audience":        claim("aud", "other"),
		"two audiences, no azp":   claim("aud", []string{clientID, "other"}),
		"another azp":             claim("azp", "other"),
		"expired":                 claim("exp", at(-time.Second)),
		"expires now":             claim("exp", at(0)),
		"no expiry":               without("exp"),
		"issued tomorrow":         claim("iat", at(24*time.Hour)),
		"no issue time":           without("iat"),
		"not yet":                 claim("nbf", at(time.Hour)),
		"another access token":    claim("at_hash", "x"),
		"nobody":                  without("sub"),
		"no name":                 without("name"),
		"no ID number":            without("id_number"),
		"no level":                without("gov_level"),
		"level 6":                 claim("gov_level", 6),
		"a level of words":        claim("gov_level", "four"),
		"half a level":            claim("gov_level", 3.5),
		"no ID token":             answer(http.StatusOK, "application/json", `{"access_token":"a","token_type":"Bearer"}`),
		"not JSON":                answer(http.StatusOK, "application/json", `<html>`),
		"a huge answer":           claim("pad", strings.Repeat("x", 300<<10)),
		"a redirect": func(f *fake) {
			f.token = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}
		},
		"userinfo of another": func(f *fake) {
			f.claims = func(c jwt.MapClaims) { delete(c, "name") }
			f.userinfo = map[string]any{"sub": "n-2", "name": "李样例"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, f, _ := open(t, nil)
			f.set(func() { lie(f) })
			got, err := roundTrip(t, s, f)
			if fault.CodeOf(err) != "SIGN_IN_UNPROVEN" || !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("got %v", err)
			}
			if !reflect.DeepEqual(got, identity.Evidence{}) {
				t.Fatal("there is evidence all the same")
			}
			for _, secret := range []string{"11010519491231002X", "张示例", clientSecret, "bearer"} {
				if strings.Contains(err.Error(), secret) {
					t.Fatal("the error tells what it must not")
				}
			}
		})
	}
}

func TestUserInfoFillsWhatTheIDTokenDoesNotSay(t *testing.T) {
	s, f, _ := open(t, nil)
	f.set(func() {
		f.claims = func(c jwt.MapClaims) {
			for _, name := range []string{"name", "phone_number", "places"} {
				delete(c, name)
			}
		}
		f.userinfo = map[string]any{"sub": "n-1", "name": "张示例", "phone_number": "19900000009", "places": []string{"330000"}, "gov_level": 5, "id_number": "440524188001010014"}
	})
	got, err := roundTrip(t, s, f)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "张示例" || got.Phone != "19900000009" || !reflect.DeepEqual(got.Places, []ids.AreaCode{"330000"}) {
		t.Error("userinfo was not heard")
	}
	if got.Level != 4 || got.IDNumber != "11010519491231002X" {
		t.Error("what is not signed went before what is")
	}
}

func TestACodeIsGoodForItsOwnSignInOnly(t *testing.T) {
	s, f, _ := open(t, nil)
	c, err := s.Begin(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	code := f.authorize(t, c.URL)
	if _, err := s.Finish(t.Context(), code, strings.Repeat("v", 43), c.Nonce); fault.CodeOf(err) != "SIGN_IN_REFUSED" {
		t.Errorf("another verifier: %v", err)
	}
	if _, err := s.Finish(t.Context(), code, c.Verifier, c.Nonce); fault.CodeOf(err) != "SIGN_IN_REFUSED" {
		t.Errorf("a used code: %v", err)
	}
	if c, err = s.Begin(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), f.authorize(t, c.URL), c.Verifier, ""); fault.CodeOf(err) != "SIGN_IN_UNPROVEN" {
		t.Errorf("no nonce asked for: %v", err)
	}
}

func TestAWrongSecretIsOursToMend(t *testing.T) {
	s, f, _ := open(t, func(c *oidcsource.Config) { c.ClientSecret = "wrong" })
	if _, err := roundTrip(t, s, f); fault.CodeOf(err) != "SOURCE_MISCONFIGURED" || !fault.Is(err, fault.Internal) {
		t.Fatalf("got %v", err)
	}
}

func TestASourceMayTakeASignatureInPlaceOfASecret(t *testing.T) {
	byKey := func(c *oidcsource.Config) { c.ClientAuth, c.ClientSecret = oidcsource.PrivateKeyJWT, "" }
	s, f, _ := open(t, byKey)
	if _, err := roundTrip(t, s, f); err != nil {
		t.Fatal(err)
	}
	s, _, _ = open(t, func(c *oidcsource.Config) { byKey(c); c.ClientID = "somebody" })
	c, err := s.Begin(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), "code", c.Verifier, c.Nonce); fault.CodeOf(err) != "SOURCE_MISCONFIGURED" {
		t.Errorf("another client: %v", err)
	}
	both := config("https://source.example")
	both.ClientAuth = oidcsource.PrivateKeyJWT
	if _, err := oidcsource.New(both, clock.System{}, ids.Random(), nil); fault.CodeOf(err) != "SOURCE_CONFIG_INVALID" {
		t.Errorf("a secret that nobody asks for: %v", err)
	}
}

func TestLevelsAreBoundedByTrust(t *testing.T) {
	s, f, _ := open(t, func(c *oidcsource.Config) { c.MinLevel, c.MaxLevel = 3, 3 })
	if got, err := roundTrip(t, s, f); err != nil || got.Level != 3 {
		t.Errorf("level %d, %v", got.Level, err)
	}
	f.set(func() { f.claims = func(c jwt.MapClaims) { c["gov_level"] = 2 } })
	if _, err := roundTrip(t, s, f); fault.CodeOf(err) != "SOURCE_LEVEL_TOO_LOW" || !fault.Is(err, fault.Forbidden) {
		t.Errorf("too low: %v", err)
	}
}

func TestASourceThatIsDownDoesNotStopTheProduct(t *testing.T) {
	s, f, now := open(t, nil)
	f.set(func() { f.down = true })
	if _, err := s.Begin(t.Context(), 0); fault.CodeOf(err) != "SOURCE_UNAVAILABLE" || !fault.Is(err, fault.Unavailable) {
		t.Fatalf("down: %v", err)
	}
	f.set(func() { f.down = false })
	if _, err := s.Begin(t.Context(), 0); fault.CodeOf(err) != "SOURCE_UNAVAILABLE" {
		t.Fatalf("it was not left alone for a while: %v", err)
	}
	now.Advance(2 * time.Second)
	if _, err := roundTrip(t, s, f); err != nil {
		t.Fatalf("up again: %v", err)
	}
}

func TestDiscoveryIsKeptAndOutlivesTheSource(t *testing.T) {
	s, f, now := open(t, nil)
	for range 3 {
		if _, err := roundTrip(t, s, f); err != nil {
			t.Fatal(err)
		}
	}
	if f.discovers != 1 {
		t.Fatalf("asked %d times", f.discovers)
	}
	f.set(func() { f.down = true })
	now.Advance(24 * time.Hour)
	if _, err := s.Begin(t.Context(), 0); err != nil {
		t.Fatalf("yesterday's entrance was thrown away: %v", err)
	}
	f.set(func() { f.down = false })
	now.Advance(2 * time.Second)
	if _, err := roundTrip(t, s, f); err != nil || f.discovers != 2 {
		t.Fatalf("asked %d times, %v", f.discovers, err)
	}
}

func TestASourceThatGoesDownOnTheWayIsUnavailable(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	for name, lie := range map[string]func(*fake){
		"tokens":   func(f *fake) { f.token = busy },
		"keys":     func(f *fake) { f.noKeys = busy },
		"all":      func(f *fake) { f.down = true },
		"too many": func(f *fake) { f.token = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) } },
		"hangs up": func(f *fake) { f.token = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) } },
	} {
		t.Run(name, func(t *testing.T) {
			s, f, _ := open(t, nil)
			c, err := s.Begin(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			code := f.authorize(t, c.URL)
			f.set(func() { lie(f) })
			if _, err := s.Finish(t.Context(), code, c.Verifier, c.Nonce); fault.CodeOf(err) != "SOURCE_UNAVAILABLE" || !fault.Is(err, fault.Unavailable) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestADiscoveryThatLeadsElsewhereIsNotFollowed(t *testing.T) {
	for name, lie := range map[string]func(map[string]any){
		"another issuer":        func(m map[string]any) { m["issuer"] = "https://other.example" },
		"tokens in clear":       func(m map[string]any) { m["token_endpoint"] = "http://other.example/token" },
		"keys in clear":         func(m map[string]any) { m["jwks_uri"] = "http://other.example/jwks" },
		"no entrance":           func(m map[string]any) { delete(m, "authorization_endpoint") },
		"userinfo from a file":  func(m map[string]any) { m["userinfo_endpoint"] = "file:///etc/passwd" },
		"userinfo in the clear": func(m map[string]any) { m["userinfo_endpoint"] = "http://192.0.2.1/" },
	} {
		t.Run(name, func(t *testing.T) {
			s, f, _ := open(t, nil)
			f.set(func() { f.meta = lie })
			if _, err := s.Begin(t.Context(), 0); fault.CodeOf(err) != "SOURCE_UNAVAILABLE" {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestASourceIsNotAskedWithinAUnit(t *testing.T) {
	s, f, _ := open(t, nil)
	inside := unit.Mark(t.Context())
	if _, err := s.Begin(inside, 0); fault.CodeOf(err) != "OUTSIDE_CALL_IN_UNIT" {
		t.Errorf("begin: %v", err)
	}
	if _, err := s.Finish(inside, "code", "verifier", "nonce"); fault.CodeOf(err) != "OUTSIDE_CALL_IN_UNIT" {
		t.Errorf("finish: %v", err)
	}
	if f.discovers != 0 {
		t.Error("it was asked all the same")
	}
}

func TestAMalformedConfigIsRefused(t *testing.T) {
	for part, change := range map[string]func(*oidcsource.Config){
		"name":         func(c *oidcsource.Config) { c.Name = "a/b" },
		"title":        func(c *oidcsource.Config) { c.Title = "" },
		"issuer":       func(c *oidcsource.Config) { c.Issuer = "http://source.example" },
		"redirect_url": func(c *oidcsource.Config) { c.RedirectURL = "javascript:alert(1)" },
		"client":       func(c *oidcsource.Config) { c.ClientSecret = "" },
		"client_auth":  func(c *oidcsource.Config) { c.ClientAuth = "client_secret_post" },
		"level":        func(c *oidcsource.Config) { c.MinLevel, c.MaxLevel = 4, 3 },
	} {
		c := config("https://source.example")
		change(&c)
		if _, err := oidcsource.New(c, clock.System{}, ids.Random(), nil); fault.CodeOf(err) != "SOURCE_CONFIG_INVALID" {
			t.Errorf("%s: %v", part, err)
		}
	}
	if _, err := oidcsource.New(config("https://source.example"), clock.System{}, ids.Random(), nil); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

func TestTheSecretNeverPrints(t *testing.T) {
	c := config("https://source.example")
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q", c.ClientSecret, c.ClientSecret), string(asJSON)} {
		if strings.Contains(printed, "s3cret") {
			t.Error("printed")
		}
	}
	var read oidcsource.Config
	if err := json.Unmarshal([]byte(`{"client_secret":"x"}`), &read); err != nil || string(read.ClientSecret) != "x" {
		t.Errorf("a config file is not read: %v", err)
	}
}

func TestASourceIsAskedForALevelInItsOwnWords(t *testing.T) {
	s, _, _ := open(t, func(c *oidcsource.Config) { c.ACR = map[int]string{3: "checked", 4: "face", 5: "counter"} })
	plain, _, _ := open(t, nil)
	for level, want := range map[int]string{0: "", 2: "checked face counter", 4: "face counter", 5: "counter"} {
		for source, words := range map[*oidcsource.Source]string{s: want, plain: ""} {
			c, err := source.Begin(t.Context(), level)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(c.URL)
			if err != nil || u.Query().Get("acr_values") != words || u.Query().Has("acr_values") != (words != "") {
				t.Errorf("level %d: %q, %v", level, u.Query()["acr_values"], err)
			}
		}
	}
	if reach := s.Info(); !reach.Reaches(5) || !reach.Reaches(0) || reach.Reaches(6) {
		t.Errorf("reaches %+v", reach)
	}
	for part, change := range map[string]func(*oidcsource.Config){
		"a word of two":        func(c *oidcsource.Config) { c.ACR = map[int]string{4: "face check"} },
		"no word":              func(c *oidcsource.Config) { c.ACR = map[int]string{4: ""} },
		"more than it reaches": func(c *oidcsource.Config) { c.MaxLevel, c.ACR = 3, map[int]string{4: "face"} },
		"no level":             func(c *oidcsource.Config) { c.ACR = map[int]string{1: "none"} },
	} {
		c := config("https://source.example")
		change(&c)
		if _, err := oidcsource.New(c, clock.System{}, ids.Random(), nil); fault.CodeOf(err) != "SOURCE_CONFIG_INVALID" {
			t.Errorf("%s: %v", part, err)
		}
	}
}

package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// demand: D01
func TestOfParallelRedemptionsExactlyOneGetsTokens(t *testing.T) {
	const parallel = 100
	databasetest.EachURL(t, func(t *testing.T, address string) {
		w := worldOf(t, databasetest.OpenURL(t, address, rooms...), access.Config{})
		processes := []*world{w}
		if strings.HasPrefix(address, "postgres") { // SQLite is of one process
			processes = append(processes, w.beside(t, address))
		}
		phone, backend := newDevice(t), newDevice(t)
		p, _ := w.boundSignIn(t, newDevice(t)) // another device: a sign-in ends the one before on its own
		w.agree(t, p, henan, "name")
		pushed := w.proved(t, backend, "/oauth2/par", w.as(t, henan, pushRequest(henan, w.launch(t, p, henan))))
		code := w.browse(henan, pushed.text("request_uri")).to(t).Get("code")
		type try struct {
			form  url.Values
			proof string
		}
		tries := map[string][]try{}
		mobile := mobileRedeem(w.boundCode(t, phone))
		for range parallel {
			tries["mini-app"] = append(tries["mini-app"], try{w.as(t, henan, appRedeem(henan, code)), w.prove(t, backend, http.MethodPost, "/oauth2/token", "")})
			tries["mobile"] = append(tries["mobile"], try{mobile, w.prove(t, phone, http.MethodPost, "/oauth2/token", "")})
		}
		for name, list := range tries {
			var all sync.WaitGroup
			answers := make([]answer, parallel)
			for i, one := range list {
				all.Go(func() { answers[i] = processes[i%len(processes)].postWith("/oauth2/token", one.form, one.proof) })
			}
			all.Wait()
			won := 0
			for _, a := range answers {
				if a.status == http.StatusOK {
					won++
				} else if a.text("error") != "invalid_grant" {
					t.Errorf("%s: %d %s", name, a.status, a.raw)
				}
			}
			if won != 1 {
				t.Fatalf("%s: %d won", name, won)
			}
		}
		if got := len(w.uses(t, p)); got != 1 {
			t.Fatalf("%d entries in the ledger", got)
		}
	})
}

func TestALaunchWorksOnBothEngines(t *testing.T) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		p := w.signIn(t)
		w.agree(t, p, henan, "name")
		if info := w.userinfo(w.openApp(t, p, henan).text("access_token")); info.text("name") != "张示例" {
			t.Fatalf("%d", info.status)
		}
		if err := w.access.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFormsAreReadStrictly(t *testing.T) {
	w := open(t)
	good := mobileRedeem(w.mobileCode(t)).Encode()
	for name, send := range map[string]func() answer{
		"a parameter twice": func() answer {
			return w.postRaw("/oauth2/token", strings.NewReader(good+"&grant_type=authorization_code"))
		},
		"bad escapes": func() answer { return w.postRaw("/oauth2/token", strings.NewReader(good+"&x=%zz")) },
		"65 KiB": func() answer {
			return w.postRaw("/oauth2/token", strings.NewReader(good+"&x="+strings.Repeat("a", 65<<10)))
		},
		"the code in the address": func() answer { return w.postRaw("/oauth2/token?"+good, strings.NewReader(good)) },
		"JSON": func() answer {
			r := httptest.NewRequest(http.MethodPost, "/oauth2/token", strings.NewReader(good))
			r.Header.Set("Content-Type", "application/json")
			return w.do(r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := send()
			want(t, a, http.StatusBadRequest, "invalid_request")
			if len(a.raw) > 2<<10 || a.header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%d bytes, %v", len(a.raw), a.header)
			}
		})
	}
	if a := w.get("/oauth2/authorize", url.Values{"client_id": {"tongban-mobile", "x"}}); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Fatalf("authorize with a parameter twice: %d", a.status)
	}
	if a := w.postRaw("/oauth2/token", strings.NewReader(good)); a.status != http.StatusOK {
		t.Fatalf("the good one: %d %s", a.status, a.raw)
	}
}

func TestTheTokenEndpointNamesWhatItDoesNotTake(t *testing.T) {
	w := open(t)
	want(t, w.post("/oauth2/token", url.Values{"client_id": {"tongban-mobile"}}), http.StatusBadRequest, "invalid_request")
	want(t, w.post("/oauth2/token", url.Values{"grant_type": {"password"}, "client_id": {"tongban-mobile"}}), http.StatusBadRequest, "unsupported_grant_type")
	r := httptest.NewRequest(http.MethodPost, "/oauth2/token", strings.NewReader("grant_type=authorization_code"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("tongban-mobile", "secret")
	a := w.do(r)
	want(t, a, http.StatusUnauthorized, "invalid_client")
	if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic") {
		t.Fatalf("%v", a.header)
	}
	if got := w.get("/oauth2/token", nil); got.status != http.StatusMethodNotAllowed {
		t.Fatalf("GET: %d", got.status)
	}
}

func TestTheDiscoveryDocumentIsTrue(t *testing.T) {
	w := open(t)
	d := w.get("/.well-known/openid-configuration", nil)
	if d.status != http.StatusOK || d.text("issuer") != issuer || d.raw != w.get("/.well-known/oauth-authorization-server", nil).raw {
		t.Fatalf("%d %s", d.status, d.raw)
	}
	for name, exactly := range map[string][]any{
		"scopes_supported":                                         {"openid", "profile", "phone", "id_number", "offline_access", "mobile", "verifier"},
		"claims_supported":                                         {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "act", "gov_level", "name", "phone_number", "id_number"},
		"response_types_supported":                                 {"code"},
		"response_modes_supported":                                 {"query"},
		"grant_types_supported":                                    {"authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_types_supported":                                  {"pairwise"},
		"id_token_signing_alg_values_supported":                    {"ES256"},
		"code_challenge_methods_supported":                         {"S256"},
		"token_endpoint_auth_methods_supported":                    {"private_key_jwt", "none"},
		"token_endpoint_auth_signing_alg_values_supported":         {"ES256"},
		"revocation_endpoint_auth_methods_supported":               {"private_key_jwt", "none"},
		"revocation_endpoint_auth_signing_alg_values_supported":    {"ES256"},
		"introspection_endpoint_auth_methods_supported":            {"private_key_jwt", "DPoP"},
		"introspection_endpoint_auth_signing_alg_values_supported": {"ES256"},
		"dpop_signing_alg_values_supported":                        {"ES256", "EdDSA"},
		"prompt_values_supported":                                  {"none"},
		"acr_values_supported":                                     {"urn:tongban:level:2", "urn:tongban:level:3", "urn:tongban:level:4", "urn:tongban:level:5"},
	} {
		if list, _ := d.body[name].([]any); !slices.Equal(list, exactly) {
			t.Errorf("%s: %v, want %v", name, list, exactly)
		}
		delete(d.body, name)
	}
	for name, value := range d.body {
		if _, is := value.([]any); is || strings.Contains(name, "encryption") {
			t.Errorf("%s is told, and nothing checks it", name)
		}
		address, ok := value.(string)
		if !ok || name == "issuer" {
			continue
		}
		path := strings.TrimPrefix(address, issuer)
		if get, post := w.get(path, nil), w.post(path, nil); get.status == http.StatusNotFound || post.status == http.StatusNotFound {
			t.Errorf("%s is not there", name)
		}
	}
	set, err := signing.ParseJWKS([]byte(w.get("/oauth2/jwks", nil).raw))
	if err != nil || len(set.Keys) != 2 {
		t.Fatalf("%d keys, %v", len(set.Keys), err)
	}
}

func TestAPersonChoosesAmongSources(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...), named{&identitytest.Source{}, "henan", "河南<b>"})
	a := w.get("/oauth2/authorize", signInRequest())
	if a.status != http.StatusOK || !strings.Contains(a.raw, "source=henan") || !strings.Contains(a.raw, "source=national") || strings.Contains(a.raw, "<b>") {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if a := w.get("/oauth2/authorize", with(signInRequest(), "source", "henan")); a.status != http.StatusSeeOther {
		t.Fatalf("the chosen one: %d", a.status)
	}
}

// named is a source under another name.
type named struct {
	identity.Source
	name, title string
}

// Info gives the other name.
func (n named) Info() identity.SourceInfo { return identity.SourceInfo{Name: n.name, Title: n.title} }

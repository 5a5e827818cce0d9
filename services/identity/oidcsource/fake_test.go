package oidcsource_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/clock"
)

const (
	clientID     = "tongban"
	clientSecret = "s3cret/ with:signs"
)

// fake is an identity source that remembers codes and lies when told to.
type fake struct {
	*httptest.Server
	clock *clock.Fixed
	keys  map[string]any // by alg

	mu        sync.Mutex
	grants    map[string]grant
	discovers int
	userinfos int

	// lies; each is nil or zero when the source is honest
	alg      string
	key      any
	claims   func(jwt.MapClaims)
	userinfo map[string]any
	meta     func(map[string]any)
	token    http.HandlerFunc
	noKeys   http.HandlerFunc
	down     bool
}

type grant struct{ challenge, nonce string }

// rsaKey is made once: making one is most of what a test would cost.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func newFake(t *testing.T, now *clock.Fixed) *fake {
	t.Helper()
	f := &fake{clock: now, grants: map[string]grant{}, keys: map[string]any{}, alg: "ES256"}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f.keys["ES256"], f.keys["RS256"], f.keys["RS512"], f.keys["EdDSA"] = ec, rs, rs, ed
	f.keys["HS256"], f.keys["none"] = []byte(clientSecret), jwt.UnsafeAllowNoneSignatureType

	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.discovery)
	mux.HandleFunc("GET /jwks", f.jwks)
	mux.HandleFunc("POST /token", f.exchange)
	mux.HandleFunc("POST /elsewhere", f.honest)
	mux.HandleFunc("GET /userinfo", f.info)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// set changes the source between requests.
func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fake) discovery(w http.ResponseWriter, _ *http.Request) {
	f.discovers++
	m := map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token",
		"jwks_uri": f.URL + "/jwks", "userinfo_endpoint": f.URL + "/userinfo",
	}
	if f.meta != nil {
		f.meta(m)
	}
	reply(w, http.StatusOK, m)
}

func (f *fake) jwks(w http.ResponseWriter, r *http.Request) {
	if f.noKeys != nil {
		f.noKeys(w, r)
		return
	}
	ec, rs, ed := f.keys["ES256"].(*ecdsa.PrivateKey), f.keys["RS256"].(*rsa.PrivateKey), f.keys["EdDSA"].(ed25519.PrivateKey)
	point, err := ec.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	reply(w, http.StatusOK, map[string]any{"keys": []any{
		map[string]any{"kty": "EC", "kid": "ES256", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])},
		map[string]any{"kty": "RSA", "kid": "RS256", "n": b64(rs.N.Bytes()), "e": b64(big.NewInt(int64(rs.E)).Bytes())},
		map[string]any{"kty": "RSA", "kid": "RS512", "n": b64(rs.N.Bytes()), "e": b64(big.NewInt(int64(rs.E)).Bytes())},
		map[string]any{"kty": "OKP", "kid": "EdDSA", "crv": "Ed25519", "x": b64(ed.Public().(ed25519.PublicKey))},
	}})
}

// authorize is what the person's browser does at the address: it gives a code.
func (f *fake) authorize(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": redirectURL, "scope": "openid profile phone", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	if q.Get("state") == "" || q.Get("nonce") == "" || q.Get("client_secret") != "" {
		t.Error("the address lacks state or nonce, or has the secret")
	}
	code := "code-" + b64([]byte(q.Get("state")))
	f.set(func() { f.grants[code] = grant{q.Get("code_challenge"), q.Get("nonce")} })
	return code
}

func (f *fake) exchange(w http.ResponseWriter, r *http.Request) {
	if f.token != nil {
		f.token(w, r)
		return
	}
	f.honest(w, r)
}

// knows tells whether the call shows that it is ours, by the secret or by the
// signer's assertion to exactly this source.
func (f *fake) knows(r *http.Request) bool {
	if id, secret, basic := r.BasicAuth(); basic {
		got, err := url.QueryUnescape(secret)
		return err == nil && id == clientID && got == clientSecret
	}
	return r.FormValue("client_id") == clientID && r.FormValue("client_secret") == "" &&
		r.FormValue("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
		r.FormValue("client_assertion") == "signed by "+clientID+" for "+f.URL
}

// signer makes assertions that tests can read.
type signer struct{}

// ClientAssertion says for whom it is.
func (signer) ClientAssertion(client, audience string) (string, error) {
	return "signed by " + client + " for " + audience, nil
}

func (f *fake) honest(w http.ResponseWriter, r *http.Request) {
	if !f.knows(r) {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	g, known := f.grants[r.FormValue("code")]
	delete(f.grants, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || b64(sum[:]) != g.challenge || r.FormValue("redirect_uri") != redirectURL {
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	half := sha256.Sum256([]byte("bearer"))
	c := jwt.MapClaims{
		"iss": f.URL, "aud": clientID, "sub": "n-1", "nonce": g.nonce, "at_hash": b64(half[:16]),
		"iat": f.clock.Now().Unix(), "exp": f.clock.Now().Add(5 * time.Minute).Unix(),
		"name": "张示例", "id_number": "11010519491231002X", "phone_number": "19900000001", "gov_level": 4,
		"cert_key": "hash", "places": []string{"410000", "310000"},
	}
	if f.alg != "ES256" {
		delete(c, "at_hash") // its hash depends on the algorithm
	}
	if f.claims != nil {
		f.claims(c)
	}
	key := f.keys[f.alg]
	if f.key != nil {
		key = f.key
	}
	token := jwt.NewWithClaims(jwt.GetSigningMethod(f.alg), c)
	token.Header["kid"] = f.alg
	signed, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	reply(w, http.StatusOK, map[string]any{"access_token": "bearer", "token_type": "Bearer", "expires_in": 60, "id_token": signed})
}

func (f *fake) info(w http.ResponseWriter, r *http.Request) {
	f.userinfos++
	if r.Header.Get("Authorization") != "Bearer bearer" {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	reply(w, http.StatusOK, f.userinfo)
}

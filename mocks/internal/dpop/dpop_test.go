package dpop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/internal/dpop"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func claims(t *testing.T, key *ecdsa.PrivateKey, text string) jwt.MapClaims {
	t.Helper()
	c := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(text, c, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAProofSaysWhatItIsFor(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	text, err := dpop.Proof(key, "GET", "https://a.example/b?c=d#e", "token", "n", now)
	if err != nil {
		t.Fatal(err)
	}
	c := claims(t, key, text)
	if c["htm"] != "GET" || c["htu"] != "https://a.example/b" || c["nonce"] != "n" || c["iat"] != float64(now.Unix()) ||
		c["ath"] != "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A" || c["jti"] == "" {
		t.Fatalf("%v", c)
	}
}

func TestANonceThatIsWantedIsGivenOnce(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if raw, _ := io.ReadAll(r.Body); string(raw) != "a=b" {
			t.Errorf("the body: %q", raw)
		}
		w.Header().Set("DPoP-Nonce", "n")
		if claims(t, key, r.Header.Get("DPoP"))["nonce"] != "n" || r.URL.Path != "/" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(map[bool]string{true: `{"error":"invalid_grant"}`, false: `{"error":"use_dpop_nonce"}`}[r.URL.Path == "/other"]))
		}
	}))
	defer server.Close()
	caller := dpop.Caller{Client: server.Client(), Key: key, Now: func() time.Time { return now }}
	for path, want := range map[string]struct{ status, asked int }{
		"/": {http.StatusOK, 2}, "/never": {http.StatusBadRequest, 2}, "/other": {http.StatusBadRequest, 1},
	} {
		asked = 0
		res, err := caller.PostForm(t.Context(), server.URL+path, url.Values{"a": {"b"}})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != want.status || asked != want.asked || (want.status != http.StatusOK) != strings.Contains(string(raw), "error") {
			t.Errorf("%s: %d after %d", path, res.StatusCode, asked)
		}
	}
}

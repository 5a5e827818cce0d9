package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// areas are the provinces every person has records in.
var areas = []string{"310000", "320000", "330000", "340000", "410000", "440000", "500000", "510000"}

const clientID = "loadtest"

// outside is the world around the product.
type outside struct {
	delay     atomic.Int64 // of each province's answer, in ns
	provinces []string     // base URLs, beside areas
	source    string       // the identity source's issuer
	key       *ecdsa.PrivateKey
	keys      map[string]*ecdsa.PrivateKey // of the mini-apps, by area
	desk      *ecdsa.PrivateKey            // of the officer's device
	calls     atomic.Int64
	handed    atomic.Int64 // matters that a province was handed

	mu     sync.Mutex
	next   person            // who signs in at the source now
	grants map[string]person // by code
	nonces map[string]string // by code
	end    []func()
}

func startOutside() (*outside, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	desk, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	o := &outside{key: key, desk: desk, keys: map[string]*ecdsa.PrivateKey{}, grants: map[string]person{}, nonces: map[string]string{}}
	for _, area := range areas {
		base, err := o.listen(o.province(area))
		if err != nil {
			return nil, err
		}
		o.provinces = append(o.provinces, base)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", o.discovery)
	mux.HandleFunc("/jwks", o.jwks)
	mux.HandleFunc("/authorize", o.authorize)
	mux.HandleFunc("/token", o.token)
	o.source, err = o.listen(mux)
	return o, err
}

func (o *outside) listen(h http.Handler) (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(ln) }()
	o.end = append(o.end, func() { _ = server.Close() })
	return "http://" + ln.Addr().String(), nil
}

func (o *outside) close() {
	for _, f := range o.end {
		f()
	}
}

// padding brings a province's answer to about 1 kB: what older interfaces send
// along and nobody shows.
var padding = strings.Repeat("0123456789abcdef", 40)

// province answers whom it is asked for with the same record, so that answers
// for different persons can be compared.
func (o *outside) province(area string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<10))
		var asked struct {
			IDNumber string `json:"id_number"`
		}
		if err != nil || json.Unmarshal(body, &asked) != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		o.calls.Add(1)
		if d := time.Duration(o.delay.Load()); d > 0 {
			time.Sleep(d)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.URL.Path == "/api/submit" {
			o.handed.Add(1)
			fmt.Fprintf(w, `{"code":200,"sfzh":%q,"receipt":"R-1"}`, asked.IDNumber)
			return
		}
		if r.URL.Path == "/api/licences" || r.URL.Path == "/api/cases" {
			fmt.Fprintf(w, `{"code":200,"sfzh":%q,"list":[{"number":"%s-%s","title":%q,"state":"DONE","updated_at":"2026-01-05T08:00:00Z"}]}`, asked.IDNumber, area, asked.IDNumber[14:], title(area))
			return
		}
		fmt.Fprintf(w, `{"code":200,"message":"ok","sfzh":%q,"dwmc":"示例单位%s","state":"正常参保","months":128,"base":"6520.00","paid":"521.60","rows":[{"month":"2026-01","paid":true},{"month":"2026-02","paid":true}],"ext":%q}`,
			asked.IDNumber, area, padding)
	})
}

// title is what a province's licences and cases are called: one issues the ID
// cards, which checks and matters need.
func title(area string) string {
	if area == issuing {
		return kind
	}
	return "示例"
}

func (o *outside) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": o.source, "authorization_endpoint": o.source + "/authorize", "token_endpoint": o.source + "/token", "jwks_uri": o.source + "/jwks",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		"code_challenge_methods_supported": []string{"S256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
	})
}

func (o *outside) jwks(w http.ResponseWriter, _ *http.Request) { answer(w, jwksOf(o.key, "source")) }

// authorize sends back at once whoever signs in now: there is no page, since
// nobody looks at one here.
func (o *outside) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	}
	code := random()
	o.mu.Lock()
	o.grants[code], o.nonces[code] = o.next, q.Get("nonce")
	o.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {o.source}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func (o *outside) token(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	o.mu.Lock()
	p, known := o.grants[code]
	nonce := o.nonces[code]
	delete(o.grants, code)
	delete(o.nonces, code)
	o.mu.Unlock()
	if !known {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": o.source, "sub": p.idNumber, "aud": clientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": nonce,
		"name": p.name, "id_number": p.idNumber, "phone_number": "", "gov_level": 4, "cert_key": "", "places": areas,
	})
	token.Header["kid"] = "source"
	signed, err := token.SignedString(o.key)
	if err != nil {
		http.Error(w, "sign", http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"access_token": random(), "token_type": "Bearer", "expires_in": 300, "id_token": signed})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who went away is nobody's fault
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

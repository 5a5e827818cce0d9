package proof_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/access/signing"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func request() proof.Request {
	return proof.Request{Method: "POST", URL: "https://tongban.example/mobile/graphql", Token: "a.b.c", Now: now}
}

func device(t testing.TB) *proof.Device {
	t.Helper()
	d, err := proof.NewDevice()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func prove(t testing.TB, d *proof.Device, r proof.Request, nonce string) string {
	t.Helper()
	p, err := d.Prove(r, nonce)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProofHoldsForItsRequest(t *testing.T) {
	d := device(t)
	p, err := proof.Verify(prove(t, d, request(), "n"), request())
	if err != nil || p.Key != d.Thumbprint() || p.ID == "" || p.Nonce != "n" || !p.IssuedAt.Equal(now) || !p.GoneBy().After(now.Add(proof.Leeway)) {
		t.Fatalf("%+v, %v", p, err)
	}
}

// RFC 7638 §3.1 has an RSA key; the EC and OKP ones are of RFC 9449 §4.1 and RFC 8037 A.3.
func TestAThumbprintIsThatOfTheRFCs(t *testing.T) {
	for want, k := range map[string]signing.JWK{
		"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k": {KeyType: "OKP", Curve: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I": {KeyType: "EC", Curve: "P-256",
			X: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", Y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"},
	} {
		if got := k.Thumbprint(); got != want {
			t.Errorf("%s: %s", k.KeyType, got)
		}
	}
}

func TestAnAddressIsComparedAsItIsMeant(t *testing.T) {
	d := device(t)
	for address, good := range map[string]bool{
		"https://tongban.example/mobile/graphql":          true,
		"HTTPS://Tongban.Example:443/mobile/graphql":      true,
		"https://tongban.example/mobile/graphql?x=1#y":    true,
		"http://tongban.example/mobile/graphql":           false,
		"https://tongban.example:8443/mobile/graphql":     false,
		"https://tongban.example/mobile/graphql/":         false,
		"https://tongban.example/Mobile/graphql":          false,
		"https://tongban.example/mobile%2Fgraphql":        false,
		"https://x@tongban.example/mobile/graphql":        false,
		"https://tongban.example.evil.org/mobile/graphql": false,
		"": false,
	} {
		r := request()
		r.URL = address
		if _, err := proof.Verify(prove(t, d, r, ""), request()); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAProofIsOfThisMinute(t *testing.T) {
	d := device(t)
	for off, good := range map[time.Duration]bool{0: true, 60 * time.Second: true, -60 * time.Second: true, 61 * time.Second: false, -61 * time.Second: false} {
		r := request()
		r.Now = now.Add(off)
		if _, err := proof.Verify(prove(t, d, r, ""), request()); (err == nil) != good {
			t.Errorf("%s off: %v", off, err)
		}
	}
}

// forge signs any header and claims by a P-256 key.
func forge(t *testing.T, key *ecdsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	sig, err := jwt.SigningMethodES256.Sign(input, key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func TestAForgedProofIsRefused(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	d, err := proof.DeviceOf(key)
	if err != nil {
		t.Fatal(err)
	}
	good := prove(t, d, request(), "")
	part := func(n int) map[string]any {
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(good, ".")[n])
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	but := func(m map[string]any, name string, value any) map[string]any {
		m = maps.Clone(m)
		if m[name] = value; value == nil {
			delete(m, name)
		}
		return m
	}
	header, claims := part(0), part(1)
	jwk := header["jwk"].(map[string]any)
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	okp := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public)}
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"empty":                   "",
		"by another key":          forge(t, other, header, claims),
		"no typ":                  forge(t, key, but(header, "typ", nil), claims),
		"typ JWT":                 forge(t, key, but(header, "typ", "JWT"), claims),
		"typ at+jwt":              forge(t, key, but(header, "typ", "at+jwt"), claims),
		"alg none":                forge(t, key, but(header, "alg", "none"), claims),
		"alg noNE":                forge(t, key, but(header, "alg", "noNE"), claims),
		"alg HS256":               forge(t, key, but(header, "alg", "HS256"), claims),
		"alg EdDSA, EC key":       forge(t, key, but(header, "alg", "EdDSA"), claims),
		"alg ES256, OKP key":      forge(t, key, but(header, "jwk", okp), claims),
		"no jwk":                  forge(t, key, but(header, "jwk", nil), claims),
		"a private jwk":           forge(t, key, but(header, "jwk", but(jwk, "d", "AAAA")), claims),
		"a symmetric jwk":         forge(t, key, but(header, "jwk", map[string]any{"kty": "oct", "k": "AAAA"}), claims),
		"a point off the curve":   forge(t, key, but(header, "jwk", but(jwk, "x", jwk["y"])), claims),
		"another spelling of x":   forge(t, key, but(header, "jwk", but(jwk, "x", jwk["x"].(string)+"=")), claims),
		"jku":                     forge(t, key, but(header, "jku", "https://evil.example"), claims),
		"x5u":                     forge(t, key, but(header, "x5u", "https://evil.example"), claims),
		"crit":                    forge(t, key, but(header, "crit", []string{"x"}), claims),
		"b64":                     forge(t, key, but(header, "b64", false), claims),
		"no jti":                  forge(t, key, header, but(claims, "jti", nil)),
		"a long jti":              forge(t, key, header, but(claims, "jti", strings.Repeat("a", 129))),
		"jti that is a number":    forge(t, key, header, but(claims, "jti", 7)),
		"another method":          forge(t, key, header, but(claims, "htm", "GET")),
		"method in small letters": forge(t, key, header, but(claims, "htm", "post")),
		"no method":               forge(t, key, header, but(claims, "htm", nil)),
		"no address":              forge(t, key, header, but(claims, "htu", nil)),
		"no iat":                  forge(t, key, header, but(claims, "iat", nil)),
		"iat that is a text":      forge(t, key, header, but(claims, "iat", "now")),
		"iat beyond time":         forge(t, key, header, but(claims, "iat", 1e300)),
		"no ath":                  forge(t, key, header, but(claims, "ath", nil)),
		"another token's ath":     forge(t, key, header, but(claims, "ath", "AAAA")),
		"another's claims":        parts[0] + "." + strings.Split(forge(t, key, header, but(claims, "jti", "x")), ".")[1] + "." + parts[2],
		"padded":                  good + "==",
		"a line at the end":       good + "\n",
		"4 KiB":                   forge(t, key, header, but(claims, "x", strings.Repeat("x", 4<<10))),
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := proof.Verify(text, request()); err == nil {
				t.Fatalf("taken: %+v", p)
			}
		})
	}
	if _, err := proof.Verify(forge(t, key, header, claims), request()); err != nil {
		t.Fatalf("the good one: %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	p := prove(b, device(b), request(), "")
	for b.Loop() {
		if _, err := proof.Verify(p, request()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignature is what of a proof's check can't be spared.
func BenchmarkSignature(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	const input = "a signing input as long as a proof's is not needed: it is hashed first"
	sig, err := jwt.SigningMethodES256.Sign(input, key)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := jwt.SigningMethodES256.Verify(input, sig, &key.PublicKey); err != nil {
			b.Fatal(err)
		}
	}
}

func TestADeviceIsKeptAndComesBack(t *testing.T) {
	d := device(t)
	raw, err := d.Private()
	if err != nil {
		t.Fatal(err)
	}
	again, err := proof.ParseDevice(raw)
	if err != nil || again.Thumbprint() != d.Thumbprint() {
		t.Fatal(err)
	}
	if _, err := proof.Verify(prove(t, again, request(), ""), request()); err != nil {
		t.Fatal(err)
	}
	other, err := device(t).Private()
	if err != nil {
		t.Fatal(err)
	}
	var a, b map[string]string
	if json.Unmarshal(raw, &a) != nil || json.Unmarshal(other, &b) != nil {
		t.Fatal("no JSON")
	}
	a["d"] = b["d"]
	mixed, _ := json.Marshal(a)
	for name, text := range map[string]string{"nothing": "", "another's d": string(mixed), "no d": `{"kty":"EC","crv":"P-256"}`, "another kind": `{"kty":"OKP"}`} {
		if _, err := proof.ParseDevice([]byte(text)); err == nil || strings.Contains(err.Error(), a["d"]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

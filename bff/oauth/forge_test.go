package oauth_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

var b64 = base64.RawURLEncoding.EncodeToString

// forger signs what it is told with our own key, as a mistake of ours would.
type forger struct {
	kid    string
	key    ed25519.PrivateKey
	public ed25519.PublicKey
}

func (w *world) forger(t testing.TB) forger {
	t.Helper()
	for _, k := range w.keys.Keys {
		if k.Curve != "Ed25519" {
			continue
		}
		seed, err := base64.RawURLEncoding.DecodeString(k.D)
		if err != nil {
			t.Fatal(err)
		}
		key := ed25519.NewKeyFromSeed(seed)
		return forger{kid: k.KeyID, key: key, public: key.Public().(ed25519.PublicKey)}
	}
	t.Fatal("no key")
	return forger{}
}

func (f forger) sign(header, claims string) string {
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	return input + "." + b64(ed25519.Sign(f.key, []byte(input)))
}

func TestAForgedAccessTokenIsRefused(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	f := w.forger(t)
	header := fmt.Sprintf(`{"alg":"EdDSA","typ":"at+jwt","kid":%q}`, f.kid)
	good := claimsOf(t, p.token)
	claims := func(change ...any) string {
		c := map[string]any{}
		for name, value := range good {
			c[name] = value
		}
		for i := 0; i+1 < len(change); i += 2 {
			c[change[i].(string)] = change[i+1]
			if change[i+1] == nil {
				delete(c, change[i].(string))
			}
		}
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	exp, whole := good["exp"].(float64), claims()
	byPublicKey := func(alg string) string {
		input := b64(fmt.Appendf(nil, `{"alg":%q,"typ":"at+jwt","kid":%q}`, alg, f.kid)) + "." + b64([]byte(whole))
		mac := hmac.New(sha256.New, f.public)
		mac.Write([]byte(input))
		return input + "." + b64(mac.Sum(nil))
	}
	parts := strings.Split(f.sign(header, whole), ".")
	serialised, _ := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	for name, token := range map[string]string{
		"empty":                       "",
		"alg none":                    b64([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + ".",
		"alg none, our kid":           b64(fmt.Appendf(nil, `{"alg":"none","typ":"at+jwt","kid":%q}`, f.kid)) + "." + parts[1] + ".",
		"HS256 with the public key":   byPublicKey("HS256"),
		"unknown crit":                f.sign(fmt.Sprintf(`{"alg":"EdDSA","typ":"at+jwt","kid":%q,"crit":["x"],"x":1}`, f.kid), whole),
		"empty crit":                  f.sign(fmt.Sprintf(`{"alg":"EdDSA","typ":"at+jwt","kid":%q,"crit":[]}`, f.kid), whole),
		"typ JWT":                     f.sign(fmt.Sprintf(`{"alg":"EdDSA","typ":"JWT","kid":%q}`, f.kid), whole),
		"no typ":                      f.sign(fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, f.kid), whole),
		"typ that is no string":       f.sign(fmt.Sprintf(`{"alg":"EdDSA","typ":["at+jwt"],"kid":%q}`, f.kid), whole),
		"unknown kid":                 f.sign(`{"alg":"EdDSA","typ":"at+jwt","kid":"x"}`, whole),
		"no kid":                      f.sign(`{"alg":"EdDSA","typ":"at+jwt"}`, whole),
		"alg twice":                   f.sign(fmt.Sprintf(`{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":%q}`, f.kid), whole),
		"no exp":                      f.sign(header, claims("exp", nil)),
		"exp that is no number":       f.sign(header, claims("exp", "soon")),
		"a long life":                 f.sign(header, claims("exp", exp+1)),
		"no iat, a long life":         f.sign(header, claims("iat", nil, "exp", exp+60)),
		"iat of the future":           f.sign(header, claims("iat", good["iat"].(float64)+60)),
		"nbf of the future":           f.sign(header, claims("nbf", exp)),
		"another issuer":              f.sign(header, claims("iss", "https://evil.example")),
		"no issuer":                   f.sign(header, claims("iss", nil)),
		"another audience":            f.sign(header, claims("aud", issuer+"/counter")),
		"a list of audiences":         f.sign(header, claims("aud", []string{issuer + "/mobile"})),
		"no audience":                 f.sign(header, claims("aud", nil)),
		"no subject":                  f.sign(header, claims("sub", nil)),
		"no session":                  f.sign(header, claims("sid", nil)),
		"no jti":                      f.sign(header, claims("jti", nil)),
		"no level":                    f.sign(header, claims("gov_level", nil)),
		"an actor without a name":     f.sign(header, claims("act", map[string]any{})),
		"a claim twice":               f.sign(header, `{"sub":"sub_other",`+whole[1:]),
		"a claim twice in other case": f.sign(header, `{"SUB":"sub_other",`+whole[1:]),
		"something after the claims":  f.sign(header, whole+`{}`),
		"JSON-serialised":             string(serialised),
		"padded":                      parts[0] + "." + parts[1] + "." + parts[2] + "==",
		"a line at the end":           strings.Join(parts, ".") + "\n",
		"four parts":                  strings.Join(parts, ".") + ".x",
		"9 KiB":                       f.sign(header, claims("x", strings.Repeat("x", 9<<10))),
		"another's claims":            parts[0] + "." + b64([]byte(claims("sub", "sub_other"))) + "." + parts[2],
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := w.access.VerifyAccess(t.Context(), bearer(token), issuer+"/mobile"); fault.CodeOf(err) != "TOKEN_INVALID" || fault.KindOf(err) != fault.Unauthenticated {
				t.Fatalf("%+v, %v", v, err)
			}
		})
	}
	if _, err := w.access.VerifyAccess(t.Context(), bearer(f.sign(header, claims("jti", "at_again"))), issuer+"/mobile"); err != nil {
		t.Fatalf("the good one: %v", err)
	}
}

func TestATokenOfAnotherSortIsNoAccessToken(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.agree(t, p, henan, "name")
	a := w.openApp(t, p, henan)
	for _, token := range []string{a.text("id_token"), a.text("access_token"), p.refresh, w.assertion(t, henan, w.assertionClaims(henan))} {
		for _, audience := range []string{issuer + "/mobile", henan, issuer} {
			if _, err := w.access.VerifyAccess(t.Context(), bearer(token), audience); fault.CodeOf(err) != "TOKEN_INVALID" {
				t.Fatalf("%v", err)
			}
		}
	}
}

func TestARememberedTokenIsHeldToItsAudienceAndTime(t *testing.T) {
	w := open(t)
	p := w.signIn(t) // verified once, so remembered
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/counter"); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Fatalf("another audience: %v", err)
	}
	w.clock.Advance(10*time.Minute - time.Second)
	w.poll(t)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); err != nil {
		t.Fatalf("a second before the end: %v", err)
	}
	w.clock.Advance(time.Second)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "TOKEN_EXPIRED" {
		t.Fatalf("at the end: %v", err)
	}
}

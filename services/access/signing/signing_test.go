package signing_test

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/services/access/signing"
)

var b64 = base64.RawURLEncoding.EncodeToString

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func ring(t *testing.T) *signing.Ring {
	t.Helper()
	f, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Ring()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rules(r *signing.Ring, alg string) signing.Rules {
	return signing.Rules{Types: []string{"JWT"}, Algorithms: []string{alg}, Issuer: "i", Audience: "a",
		Now: func() time.Time { return start }, MaxLife: time.Minute,
		Keys: func(kid, alg string) (crypto.PublicKey, error) { return r.Find(kid, alg) }}
}

func claims() map[string]any {
	return map[string]any{"iss": "i", "aud": "a", "iat": start.Unix(), "exp": start.Add(time.Minute).Unix()}
}

func TestWhatTheRingSignsIsRead(t *testing.T) {
	r := ring(t)
	for _, alg := range []string{signing.EdDSA, signing.ES256} {
		token, err := r.JWT(t.Context(), alg, "JWT", claims())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signing.Verify(token, rules(r, alg)); err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		other := signing.ES256
		if alg == other {
			other = signing.EdDSA
		}
		if _, err := signing.Verify(token, rules(r, other)); err == nil {
			t.Fatalf("a token by %s was read as %s", alg, other)
		}
		if _, err := signing.Verify(token, rules(ring(t), alg)); err == nil {
			t.Fatal("another ring knows the key")
		}
	}
}

func TestExpiryIsToldApartOnlyFromAGoodToken(t *testing.T) {
	r := ring(t)
	late := rules(r, signing.ES256)
	late.Now = func() time.Time { return start.Add(time.Hour) }
	token, err := r.JWT(t.Context(), signing.ES256, "JWT", claims())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Verify(token, late); err != signing.ErrExpired {
		t.Fatalf("lapsed: %v", err)
	}
	late.Audience = "b"
	if _, err := signing.Verify(token, late); err == nil || err == signing.ErrExpired {
		t.Fatalf("lapsed and for another: %v", err)
	}
	late.Audience = "a"
	if _, err := signing.Verify(token[:len(token)-4]+"AAAA", late); err == nil || err == signing.ErrExpired {
		t.Fatalf("lapsed and forged: %v", err)
	}
}

func TestAKeyFileComesBackAndIsSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signing.json")
	made, err := signing.LoadOrGenerate(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := signing.LoadOrGenerate(path)
	if err != nil || len(read.Keys) != 2 || read.Keys[0] != made.Keys[0] {
		t.Fatalf("%v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Load(path); err == nil {
		t.Fatal("a key file that others may read was taken")
	}
	made.Keys[0].D = made.Keys[1].D
	if _, err := made.Ring(); err == nil {
		t.Fatal("a private key that does not match its public part was taken")
	}
}

func TestTheJWKSHoldsPublicKeysOnly(t *testing.T) {
	raw, err := json.Marshal(ring(t).JWKS())
	if err != nil || strings.Contains(string(raw), `"d"`) {
		t.Fatalf("%s, %v", raw, err)
	}
	set, err := signing.ParseJWKS(raw)
	if err != nil || len(set.Keys) != 2 {
		t.Fatalf("%d keys, %v", len(set.Keys), err)
	}
	if _, err := signing.ParseJWKS([]byte(`{"keys":[{"kty":"EC","crv":"P-256","d":"x"}]}`)); err == nil {
		t.Fatal("a private key was taken")
	}
	off := set.Keys[1]
	off.Y = off.X
	if _, _, err := off.Public(); err == nil {
		t.Fatal("a point off the curve was taken")
	}
}

func TestTheThumbprintIsTheStandardOne(t *testing.T) {
	// RFC 8037 appendix A.3.
	k := signing.JWK{KeyType: "OKP", Curve: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
	key, _, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	got, err := signing.PublicJWK(key)
	if err != nil || got.KeyID != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Fatalf("%q, %v", got.KeyID, err)
	}
}

func TestAStockLibraryReadsOurTokens(t *testing.T) {
	r := ring(t)
	token, err := r.JWT(t.Context(), signing.ES256, "JWT", claims())
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.Parse(token, func(j *jwt.Token) (any, error) {
		return r.Find(j.Header["kid"].(string), signing.ES256)
	}, jwt.WithTimeFunc(func() time.Time { return start }))
	if err != nil || !parsed.Valid {
		t.Fatalf("%v", err)
	}
}

// A token is read before anybody proved anything: neither way of nesting may
// make that reading deep.
func TestDeepJSONIsRefused(t *testing.T) {
	for open, end := range map[string]string{`[`: `]`, `{"a":`: `}`, `[{"a":`: `}]`} {
		for depth, fits := range map[int]bool{3: true, 40: false, 20_000: false} {
			raw := `{"a":` + strings.Repeat(open, depth) + `1` + strings.Repeat(end, depth) + `}`
			if err := signing.OneObject([]byte(raw)); (err == nil) != fits {
				t.Errorf("%d times %s: %v", depth, open, err)
			}
		}
	}
}

// What two readers could take for different things is refused.
func TestJSONThatCanBeReadInTwoWaysIsRefused(t *testing.T) {
	many := `{`
	for i := range 40 {
		many += `"m` + strconv.Itoa(i) + `":1,`
	}
	for raw, good := range map[string]bool{
		`{}`: true, ` { } `: true, `{"a":1}`: true, `{"a":1,"b":[{"a":2},{"a":3}],"c":{"a":-1.5e3}}`: true, `{"a":"}\"{,","b":"\\"}`: true,
		`{ "a" : [ 1 , "x" , null , true ] , "b" : { } }`: true, `{"a":[],"b":[[]]}`: true, many + `"z":1}`: true,
		``: false, `[]`: false, `"a"`: false, `null`: false, `{"a":1}{"a":1}`: false, `{"a":1} x`: false, `{"a":1,}`: false, `{"a"}`: false,
		`{"a":1,"a":1}`: false, `{"a":1,"A":1}`: false, `{"a":1,"\u0061":1}`: false, `{"b":{"a":1,"a":2}}`: false, `{"b":[0,{"a":1,"a":2}]}`: false,
		`{"sub":1,"ſub":2}`: false, `{"kid":1,"\u212Aid":2}`: false, many + `"m3":1}`: false, many + `"m39":1}`: false, many + `"M20":1}`: false,
		`{"a":1,"b":2,"":3,"":4}`: false, `{"a":[1,2}`: false,
	} {
		if err := signing.OneObject([]byte(raw)); (err == nil) != good {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// Whatever comes, no reading panics; and what is taken is one object.
func FuzzOneObject(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":"\""}]}`, `{"a":1,"A":2}`, "{\"a\":\"\\u0000\"}\t"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := signing.OneObject(raw); err == nil {
			var m map[string]any
			if json.Unmarshal(raw, &m) != nil {
				t.Fatal("taken, and no object")
			}
		}
	})
}

func TestMembersAreToldAsTheyAreSpelled(t *testing.T) {
	told := map[string]string{}
	err := signing.Members([]byte(` {"a":1, "B" : "x\"}" ,"c":{"a":[2]},"\u0064":null}`), func(name string, value []byte) error {
		told[name] = string(value)
		return nil
	})
	if err != nil || len(told) != 4 || told["a"] != "1" || told["B"] != `"x\"}"` || told["c"] != `{"a":[2]}` || told["d"] != "null" {
		t.Fatalf("%v %v", told, err)
	}
	for raw, want := range map[string]string{`"a"`: "a", `"\u0061\n"`: "a\n", `"省"`: "省", `1`: "", `null`: "", `{}`: "", ``: ""} {
		if got, err := signing.Text([]byte(raw)); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", raw, got, err)
		}
	}
	if signing.Members([]byte(`{"a":1,"A":2}`), func(string, []byte) error { return nil }) == nil {
		t.Error("a member twice was told")
	}
}

func TestACompactJWSIsTakenApartInOneWay(t *testing.T) {
	got, err := signing.TakeApart("e30.eyJhIjoxfQ.AAE")
	if err != nil || string(got.Header) != "{}" || string(got.Claims) != `{"a":1}` || got.Input != "e30.eyJhIjoxfQ" || len(got.Signature) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, raw := range []string{"", "e30.e30", "e30.e30.AAE.AAE", "e30.e30.AAE=", "e30.e30.AA\nE", "e31.e30.AAE", "e30.e30.AAF", "e30.e30.A E"} {
		if _, err := signing.TakeApart(raw); err == nil {
			t.Errorf("taken: %q", raw)
		}
	}
}

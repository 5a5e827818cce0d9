package crypt_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
)

const place = "identity_account.profile/sub_1"

// each runs f for every suite; generate gives new keys of it.
func each(t *testing.T, f func(t *testing.T, generate func() crypt.Keys)) {
	t.Helper()
	for _, s := range []crypt.Suite{crypt.AESGCM{}, crypt.Guomi{}} {
		t.Run(s.Name(), func(t *testing.T) { f(t, func() crypt.Keys { return crypt.GenerateFor(s) }) })
	}
}

func ring(t *testing.T, k crypt.Keys) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(k)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func seal(t *testing.T, r *crypt.Ring, at string, plain []byte) string {
	t.Helper()
	s, err := r.Seal(at, plain)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedValueOpensAtItsPlaceAndHidesThePlaintext(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		r, plain := ring(t, generate()), []byte("a plain value")
		s := seal(t, r, place, plain)
		if !strings.HasPrefix(s, "k1.") || strings.Contains(s, "plain") {
			t.Fatalf("form: %s", s)
		}
		got, err := r.Open(place, s)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q %v", got, err)
		}
		if s == seal(t, r, place, plain) {
			t.Fatal("two seals of one value are the same")
		}
		if empty, err := r.Open(place, seal(t, r, place, nil)); err != nil || len(empty) != 0 {
			t.Fatalf("empty value: %q %v", empty, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		r := ring(t, generate())
		s := seal(t, r, place, []byte("secret"))
		flipped := []byte(s)
		flipped[10] = map[bool]byte{true: 'A', false: 'B'}[flipped[10] == 'B']
		for name, c := range map[string]struct{ place, sealed, code string }{
			"another place":  {place + "x", s, "CRYPT_OPEN_FAILED"},
			"changed bytes":  {place, string(flipped), "CRYPT_OPEN_FAILED"},
			"cut short":      {place, "k1.AAAA", "CRYPT_OPEN_FAILED"},
			"unknown key":    {place, "k9" + s[2:], "CRYPT_KEY_UNKNOWN"},
			"no key":         {place, "nothing", "CRYPT_MALFORMED"},
			"not base64":     {place, "k1.***", "CRYPT_MALFORMED"},
			"another key":    {place, seal(t, ring(t, generate()), place, []byte("secret")), "CRYPT_OPEN_FAILED"},
			"an empty value": {place, "", "CRYPT_MALFORMED"},
		} {
			t.Run(name, func(t *testing.T) {
				got, err := r.Open(c.place, c.sealed)
				if got != nil || fault.KindOf(err) != fault.Internal || fault.CodeOf(err) != c.code {
					t.Fatalf("%q %v", got, err)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Fatal("plaintext in the error")
				}
			})
		}
		if _, err := r.Seal("", []byte("secret")); fault.CodeOf(err) != "CRYPT_PLACE_MISSING" {
			t.Fatalf("sealed without a place: %v", err)
		}
	})
}

func TestOldKeysOpenAfterARotation(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		keys := generate()
		old := seal(t, ring(t, keys), place, []byte("v"))
		keys.Columns["k2"], keys.Current = generate().Columns["k1"], "k2"
		r := ring(t, keys)
		if got, err := r.Open(place, old); err != nil || string(got) != "v" {
			t.Fatalf("%q %v", got, err)
		}
		fresh := seal(t, r, place, []byte("v"))
		if !strings.HasPrefix(fresh, "k2.") || !r.Stale(old) || r.Stale(fresh) {
			t.Fatalf("current key not used: %s", fresh)
		}
	})
}

func TestIndexIsStableAndBoundToPlaceAndKey(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		keys := generate()
		r := ring(t, keys)
		h := r.Index("a", "bc")
		if h != ring(t, keys).Index("a", "bc") || len(h) != 43 {
			t.Fatalf("not stable: %s", h)
		}
		for _, other := range []string{r.Index("ab", "c"), r.Index("b", "bc"), r.Index("a", "bd"), ring(t, generate()).Index("a", "bc")} {
			if other == h {
				t.Fatal("two things share a hash")
			}
		}
	})
}

func TestKeysComeBackFromTheirFileAndStayOutOfLogs(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		keys := generate()
		file, err := keys.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := crypt.ParseKeys(file)
		if err != nil {
			t.Fatal(err)
		}
		if ring(t, keys).Index("a", "b") != ring(t, back).Index("a", "b") {
			t.Fatal("the keys changed on the way")
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, keys); s != "crypt.Keys(hidden)" {
				t.Fatalf("%s shows %s", verb, s)
			}
		}
	})
}

func TestMalformedKeysAreRefused(t *testing.T) {
	each(t, func(t *testing.T, generate func() crypt.Keys) {
		for name, change := range map[string]func(*crypt.Keys){
			"short column key":   func(k *crypt.Keys) { k.Columns["k1"] = k.Columns["k1"][:15] },
			"short index key":    func(k *crypt.Keys) { k.Index = k.Index[:31] },
			"no current key":     func(k *crypt.Keys) { k.Current = "k2" },
			"a dot in a kid":     func(k *crypt.Keys) { k.Columns["a.b"] = k.Columns["k1"] },
			"an unknown suite":   func(k *crypt.Keys) { k.Suite = "rot13" },
			"a next without key": func(k *crypt.Keys) { k.Next = "k7" },
			"keys still wrapped": func(k *crypt.Keys) { k.WrappedBy = "module" },
			"a kid with no name": func(k *crypt.Keys) { k.Columns[""] = k.Columns["k1"] },
		} {
			keys := generate()
			change(&keys)
			if _, err := crypt.NewRing(keys); fault.KindOf(err) != fault.Invalid || fault.CodeOf(err) != "KEYS_MALFORMED" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := crypt.ParseKeys([]byte(`{"current":3}`)); fault.CodeOf(err) != "KEYS_MALFORMED" {
			t.Errorf("parsed: %v", err)
		}
	})
}

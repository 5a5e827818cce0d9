package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
)

func rings(t *testing.T) (before, after *signing.Ring) {
	t.Helper()
	file, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if before, err = file.Ring(); err != nil {
		t.Fatal(err)
	}
	if file, err = file.Take(signing.Replace, time.Now()); err != nil { // which drops the key
		t.Fatal(err)
	}
	if after, err = file.Ring(); err != nil {
		t.Fatal(err)
	}
	return before, after
}

func TestASignedHeadOutlivesItsKey(t *testing.T) {
	before, after := rings(t)
	jws, by, err := heads{before}.Sign(t.Context(), ledger.HeadType, ledger.HeadClaims{Seq: 7})
	if err != nil {
		t.Fatal(err)
	}
	now := heads{after}
	if _, err := now.Open(jws, ledger.HeadType, now.Keys()); err == nil {
		t.Error("opened by keys that did not sign")
	}
	raw, err := now.Open(jws, ledger.HeadType, append(now.Keys(), by))
	var c ledger.HeadClaims
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Seq != 7 {
		t.Errorf("by the key kept: %+v, %v", c, err)
	}
}

func TestNothingButASignedHeadOpensAsOne(t *testing.T) {
	ring, _ := rings(t)
	jws, by, err := heads{ring}.Sign(t.Context(), ledger.HeadType, ledger.HeadClaims{Seq: 7})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := heads{ring}.Sign(t.Context(), "at+jwt", ledger.HeadClaims{Seq: 7})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(jws, ".")
	open, err := OpenHead([]byte(`{"keys":[` + by.JWK + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(jws); err != nil {
		t.Fatalf("as it is: %v", err)
	}
	for name, bad := range map[string]string{
		"a token":     other,
		"unsigned":    "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"another say": parts[0] + ".e30." + parts[2],
		"in parts":    parts[0] + "." + parts[1],
		"a space":     jws + " ",
		"nothing":     "",
	} {
		if _, err := open(bad); err == nil {
			t.Errorf("%s opens", name)
		}
	}
	for name, set := range map[string]string{"no set": "x", "no key": `{"keys":[]}`, "one that leaked": `{"keys":[` + strings.Replace(by.JWK, `{`, `{"d":"x",`, 1) + `]}`} {
		if _, err := OpenHead([]byte(set)); err == nil {
			t.Errorf("%s is taken for keys", name)
		}
	}
}

package materialdb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/material/materialtest"
)

func agreement() material.Signing {
	return material.Signing{
		Item: item, ItemName: "合伙企业设立登记", Region: shanghai, Material: "合伙协议", Title: "合伙协议", Text: "第一条 示例。\n",
		App: p31, Operator: "上海市(示例)", Level: 4,
	}
}

func (w *world) sign(in material.Signing) material.Signature {
	w.t.Helper()
	x, err := w.Sign(w.t.Context(), zhang, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

// A library that is not ours reads the seal by the published keys.
// demand: D08
func TestASealIsReadByAnybodyAndNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.sign(agreement())
		keys, err := w.Keys(t.Context())
		if err != nil || len(keys.Keys) != 1 {
			t.Fatalf("%d keys, %v", len(keys.Keys), err)
		}
		claims := jwt.MapClaims{}
		token, err := jwt.ParseWithClaims(x.Seal, claims, func(tok *jwt.Token) (any, error) {
			return keys.Find(tok.Header["kid"].(string), signing.ES256)
		}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer("https://a.test"), jwt.WithAudience(string(p31)), jwt.WithTimeFunc(w.clock.Now))
		if err != nil || token.Header["typ"] != material.SealType {
			t.Fatalf("%v, %v", token, err)
		}
		document, _ := claims["gov_document"].(map[string]any)
		if document["sha256"] != material.Hash("第一条 示例。\n") || claims["sub"] != "pw/cn.gov.demo.p31/sub_zhang" || claims["gov_level"] != 4.0 ||
			claims["gov_item"] != string(item) || claims["gov_region"] != string(shanghai) || claims["act"] != nil || claims["exp"] != nil {
			t.Errorf("%v", claims)
		}
		entries := w.ledger.Entries()
		if len(entries) != 1 || entries[0].Subject != zhang.Subject || entries[0].Fields[0] != "合伙协议" || entries[0].Receiver.ID != string(p31) {
			t.Errorf("%+v", entries)
		}
	})
}

func TestASealThatWasTouchedIsFalse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.sign(agreement())
		parts := strings.Split(x.Seal, ".")
		forger := materialtest.Sealer(t)
		foreign, err := signing.Compact(t.Context(), forger, material.SealType, map[string]any{"iss": "https://a.test", "jti": x.ID})
		if err != nil {
			t.Fatal(err)
		}
		token, err := signing.Compact(t.Context(), w.deps.Sealer, "at+jwt", map[string]any{"iss": "https://a.test", "jti": x.ID})
		if err != nil {
			t.Fatal(err)
		}
		unknown, err := signing.Compact(t.Context(), w.deps.Sealer, material.SealType, map[string]any{"iss": "https://a.test", "jti": "sig_none"})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			seal string
			want material.Verdict
		}{
			"as it is":               {x.Seal, material.Genuine},
			"another's signature":    {parts[0] + "." + parts[1] + "." + strings.Split(foreign, ".")[2], material.False},
			"another key":            {foreign, material.False},
			"another type of token":  {token, material.False},
			"nothing":                {"", material.False},
			"no token":               {"a.b", material.False},
			"no algorithm":           {"eyJhbGciOiJub25lIn0." + parts[1] + ".", material.False},
			"longer than any":        {x.Seal + strings.Repeat("A", 5000), material.False},
			"ours, never registered": {unknown, material.Unregistered},
		} {
			got, err := w.Check(t.Context(), c.seal, "")
			if err != nil || got.Verdict != c.want {
				t.Errorf("%s: %s, %v", name, got.Verdict, err)
			}
		}
		for hash, same := range map[string]bool{strings.ToUpper(x.SHA256): true, material.Hash("x"): false} {
			if got, err := w.Check(t.Context(), x.Seal, hash); err != nil || got.Document == nil || *got.Document != same {
				t.Errorf("the document: %+v, %v", got, err)
			}
		}
	})
}

func TestASealOutlivesItsKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.sign(agreement())
		w.deps.Sealer = materialtest.Sealer(t)
		later := material.New(w.deps)
		if got, err := later.Check(t.Context(), x.Seal, ""); err != nil || got.Verdict != material.Genuine {
			t.Errorf("%s, %v", got.Verdict, err)
		}
		if keys, err := later.Keys(t.Context()); err != nil || len(keys.Keys) != 2 || keys.Keys[0].KeyID != w.deps.Sealer.Public().KeyID {
			t.Errorf("%d keys, %v", len(keys.Keys), err)
		}
	})
}

func TestWhoMayNotSignLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		low := agreement()
		low.Level = 2
		_, err := w.Sign(t.Context(), zhang, low)
		is(t, "a low level", err, fault.Forbidden, "LEVEL_TOO_LOW")
		_, err = w.Sign(t.Context(), ids.Actor{Subject: zhang.Subject, By: li.Subject}, agreement())
		is(t, "for another", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.Sign(t.Context(), ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: "matter:marriage space"}, agreement())
		is(t, "by a mandate for something else", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		w.ledger.Fails = fault.New("test", fault.Unavailable, "LEDGER_DOWN")
		_, err = w.Sign(t.Context(), zhang, agreement())
		is(t, "no ledger", err, fault.Unavailable, "LEDGER_DOWN")
		if keys, err := w.deps.Store.Keys(t.Context()); err != nil || len(keys) != 0 {
			t.Errorf("%d keys are kept, %v", len(keys), err)
		}
	})
}

func TestASignatureIsUsedOnceAndItsDocumentFetched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x := w.sign(agreement())
		g := material.Given{Material: "合伙协议", Signature: x.ID}
		_, err := w.Look(t.Context(), li, item, shanghai, g)
		is(t, "another's", err, fault.Private, "SIGNATURE_UNKNOWN")
		_, err = w.Look(t.Context(), zhang, item, shanghai, material.Given{Material: "申请书", Signature: x.ID})
		is(t, "for another material", err, fault.Private, "SIGNATURE_UNKNOWN")
		if err := w.take("TB1", g); err != nil {
			t.Fatal(err)
		}
		is(t, "a second case", w.take("TB2", g), fault.Conflict, "MATERIAL_USED")
		p, err := w.Delivered(t.Context(), g)
		if err != nil || p.Seal != x.Seal || p.Address != "https://a.test/files/handed/"+string(x.ID) || p.SHA256 != x.SHA256 {
			t.Errorf("%+v, %v", p, err)
		}
		if got := w.read(w.Handed(t.Context(), p31, string(x.ID))); string(got) != x.Text {
			t.Errorf("%q", got)
		}
		w.clock.Advance(60 * 24 * time.Hour)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Check(t.Context(), x.Seal, ""); err != nil || got.Verdict != material.Genuine {
			t.Errorf("a used signature left the register: %s, %v", got.Verdict, err)
		}
	})
}

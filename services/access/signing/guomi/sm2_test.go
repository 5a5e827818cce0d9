package guomi_test

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/access/signing/guomi"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GB/T 32918.5, appendix A.2.
func TestTheStandardsSignatureIsTaken(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	key := signing.JWK{KeyType: "EC", Curve: guomi.SM2, Algorithm: guomi.SM2,
		X: b64(unhex(t, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")),
		Y: b64(unhex(t, "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"))}
	signature := unhex(t, "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"+
		"b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
	if err := guomi.Verify(key, []byte("message digest"), signature); err != nil {
		t.Error(err)
	}
	if err := guomi.Verify(key, []byte("message digesT"), signature); err == nil {
		t.Error("another message was taken")
	}
	key.X, key.Y = key.Y, key.X
	if err := guomi.Verify(key, []byte("message digest"), signature); err == nil || !strings.Contains(err.Error(), "off the curve") {
		t.Errorf("a point off the curve: %v", err)
	}
}

func signer(t *testing.T) *guomi.Signer {
	t.Helper()
	s, err := guomi.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatWeSignIsReadByItsKeyAlone(t *testing.T) {
	s := signer(t)
	compact, err := signing.Compact(t.Context(), s, "x", map[string]any{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := guomi.VerifyCompact(s.Public(), compact); err != nil || string(got) != `{"a":"b"}` {
		t.Errorf("%s, %v", got, err)
	}
	other := signer(t).Public()
	other.KeyID = s.Public().KeyID
	middle := strings.Split(compact, ".")
	for name, c := range map[string]struct {
		key     signing.JWK
		compact string
	}{
		"another key":     {other, compact},
		"another id":      {signer(t).Public(), compact},
		"another payload": {s.Public(), middle[0] + ".e30." + middle[2]},
		"no signature":    {s.Public(), middle[0] + "." + middle[1] + "."},
	} {
		if _, err := guomi.VerifyCompact(c.key, c.compact); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// JOSE knows no SM2: nobody outside may ever be asked to believe it.
func TestNoTokenIsSignedOrBelievedBySM2(t *testing.T) {
	s := signer(t)
	file, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := file.Ring()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.NewRing(s); err == nil || strings.Contains(err.Error(), "wants an EdDSA") {
		t.Errorf("a ring takes it: %v", err)
	}
	for _, k := range ring.JWKS().Keys {
		if k.Algorithm == guomi.SM2 {
			t.Error("it stands in the JWKS")
		}
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	token, err := signing.Compact(t.Context(), s, "JWT", map[string]any{"iss": "i", "aud": "a", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.Verify(token, signing.Rules{Types: []string{"JWT"}, Algorithms: []string{guomi.SM2, signing.ES256}, Issuer: "i", Audience: "a",
		Now: func() time.Time { return now }, MaxLife: time.Minute,
		Keys: func(string, string) (crypto.PublicKey, error) { return nil, nil }})
	if err == nil {
		t.Error("it was believed")
	}
}

func BenchmarkSM2(b *testing.B) {
	s, err := guomi.Generate()
	if err != nil {
		b.Fatal(err)
	}
	input := []byte(strings.Repeat("x", 400))
	signature, err := s.Sign(b.Context(), input)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Sign(b.Context(), input); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := guomi.Verify(s.Public(), input, signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}

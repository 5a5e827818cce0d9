package signing_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/services/access/signing"
)

func take(t *testing.T, f signing.File, step signing.Step, now time.Time) signing.File {
	t.Helper()
	next, err := f.Take(step, now)
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	return next
}

// by tells which key signs now, and shows is how many are published.
func by(t *testing.T, f signing.File) (kid string, shows int) {
	t.Helper()
	r, err := f.Ring()
	if err != nil {
		t.Fatal(err)
	}
	token, err := r.JWT(t.Context(), signing.EdDSA, "JWT", claims())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Verify(token, rules(r, signing.EdDSA)); err != nil {
		t.Fatal(err)
	}
	for _, k := range r.JWKS().Keys {
		if strings.HasPrefix(token, prefix(k.KeyID)) {
			kid = k.KeyID
		}
	}
	return kid, len(r.JWKS().Keys)
}

// prefix is what a compact token by the key begins with.
func prefix(kid string) string {
	header, _ := json.Marshal(map[string]string{"alg": signing.EdDSA, "typ": "JWT", "kid": kid})
	return b64(header) + "."
}

func TestAKeyIsShownBeforeItSignsAndStaysUntilAllLapsed(t *testing.T) {
	f, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	first, _ := by(t, f)
	announced := take(t, f, signing.Announce, start)
	if kid, n := by(t, announced); kid != first || n != 4 {
		t.Fatalf("announced: %d keys, signs %s", n, kid)
	}
	early := signing.TooEarly{}
	if _, err := announced.Take(signing.Activate, start.Add(signing.AnnounceFor-time.Second)); !errors.As(err, &early) || !early.From.Equal(start.Add(signing.AnnounceFor)) {
		t.Fatalf("activated a second early: %v", err)
	}
	active := take(t, announced, signing.Activate, start.Add(signing.AnnounceFor))
	second, n := by(t, active)
	if second == first || n != 4 {
		t.Fatalf("active: %d keys, signs %s", n, second)
	}
	lapsed := start.Add(signing.AnnounceFor + signing.KeepFor)
	if _, err := active.Take(signing.Retire, lapsed.Add(-time.Second)); !errors.As(err, &early) {
		t.Fatalf("retired a second early: %v", err)
	}
	retired := take(t, active, signing.Retire, lapsed)
	if kid, n := by(t, retired); kid != second || n != 2 {
		t.Fatalf("retired: %d keys, signs %s", n, kid)
	}
	if retired.Seal.KeyID != f.Seal.KeyID {
		t.Error("the sealing key went with the rotation")
	}
	if kid, n := by(t, announced); kid != first || n != 4 {
		t.Error("a step changed the file it was taken from")
	}
}

func TestAStepOutOfItsOrderIsRefused(t *testing.T) {
	f, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	announced := take(t, f, signing.Announce, start)
	active := take(t, announced, signing.Activate, start.Add(time.Hour))
	later := start.Add(24 * time.Hour)
	for _, c := range []struct {
		file signing.File
		step signing.Step
	}{
		{f, signing.Activate}, {f, signing.Retire}, {announced, signing.Announce}, {announced, signing.Retire},
		{active, signing.Announce}, {active, signing.Activate}, {f, "another"},
	} {
		if _, err := c.file.Take(c.step, later); err == nil {
			t.Errorf("%s was taken", c.step)
		}
	}
}

func TestALeakedKeyIsReplacedAtOnce(t *testing.T) {
	f, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	f = take(t, f, signing.Announce, start)
	old, _ := by(t, f)
	if kid, n := by(t, take(t, f, signing.Replace, start)); kid == old || n != 2 {
		t.Fatalf("%d keys, signs %s", n, kid)
	}
}

func TestAKeeperSignsByTheRingItHolds(t *testing.T) {
	one, other := ring(t), ring(t)
	k := signing.NewKeeper(one)
	before, err := k.JWT(t.Context(), signing.ES256, "JWT", claims())
	if err != nil {
		t.Fatal(err)
	}
	k.Swap(other)
	after, err := k.JWT(t.Context(), signing.ES256, "JWT", claims())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Verify(before, rules(one, signing.ES256)); err != nil {
		t.Error(err)
	}
	if _, err := signing.Verify(after, rules(other, signing.ES256)); err != nil {
		t.Error(err)
	}
	if _, err := k.Find(one.JWKS().Keys[0].KeyID, signing.EdDSA); err == nil {
		t.Error("a key of the ring before is found still")
	}
}

func TestASigningKeyDoesNotPrint(t *testing.T) {
	f, err := signing.Generate()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := f.Sealer()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := base64.RawURLEncoding.DecodeString(f.Seal.D)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		said := fmt.Sprintf(verb+verb+verb+verb, f, f.Keys[0], f.Keys, seal)
		if strings.Contains(said, fmt.Sprint(secret[:4])[1:10]) || !strings.Contains(said, seal.Public().KeyID) {
			t.Errorf("%s shows the sealing key: %s", verb, said)
		}
		for _, k := range f.Keys {
			if strings.Contains(said, k.D) {
				t.Errorf("%s shows a private key", verb)
			}
		}
	}
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.Parse(append(raw, '}')); err == nil || strings.Contains(err.Error(), f.Keys[0].D[:8]) {
		t.Errorf("a broken file: %v", err)
	}
}

package oauth_test

import (
	"net/http"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/signing"
)

// rotate takes the step and has the running product work by it.
func (w *world) rotate(t *testing.T, step signing.Step) {
	t.Helper()
	var err error
	if w.keys, err = w.keys.Take(step, w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	ring, err := w.keys.Ring()
	if err != nil {
		t.Fatal(err)
	}
	w.signs.Swap(ring)
}

func TestTheJWKSIsKeptAsLongAsARotationWaits(t *testing.T) {
	w := open(t)
	first := w.get("/oauth2/jwks", nil)
	tag := first.header.Get("ETag")
	if first.header.Get("Cache-Control") != "public, max-age=300" || tag == "" {
		t.Fatalf("%v", first.header)
	}
	for _, header := range []string{tag, `"other", W/` + tag, "*"} {
		if a := w.get("/oauth2/jwks", nil, "If-None-Match", header); a.status != http.StatusNotModified || a.raw != "" || a.header.Get("ETag") != tag {
			t.Errorf("%s: %d", header, a.status)
		}
	}
	w.rotate(t, signing.Announce)
	a := w.get("/oauth2/jwks", nil, "If-None-Match", tag)
	set, err := signing.ParseJWKS([]byte(a.raw))
	if a.status != http.StatusOK || a.header.Get("ETag") == tag || err != nil || len(set.Keys) != 4 {
		t.Errorf("after the announcement: %d, %d keys, %v", a.status, len(set.Keys), err)
	}
}

// A token that was found good before is not believed for longer than its key.
func TestADroppedKeyEndsARememberedToken(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	for range 2 { // found good, then remembered
		if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); err != nil {
			t.Fatal(err)
		}
	}
	w.rotate(t, signing.Announce)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); err != nil {
		t.Fatalf("an announcement alone: %v", err)
	}
	w.rotate(t, signing.Replace)
	if _, err := w.access.VerifyAccess(t.Context(), bearer(p.token), issuer+"/mobile"); fault.CodeOf(err) != "TOKEN_INVALID" {
		t.Fatalf("after the key went: %v", err)
	}
}

func TestNothingWeSignOutlivesItsKey(t *testing.T) {
	if access.AccessTTL > signing.LongestToken || access.ShortTTL > signing.LongestToken {
		t.Error("a token lives longer than a previous key stays")
	}
}

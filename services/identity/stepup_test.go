package identity_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// stepUp sends the person of a phone to the source for a level.
func stepUp(t *testing.T, w *identitytest.World, key string, level int) (identity.SignIn, error) {
	t.Helper()
	begun, err := w.BeginSignIn(t.Context(), identity.Start{
		Source: "national", Device: identity.Device{Client: "tongban-mobile", Key: key}, LevelMin: level, AppRequest: []byte("authorize?x"),
	})
	if err != nil {
		return identity.SignIn{}, err
	}
	in, err := w.FinishSignIn(t.Context(), identity.Callback{Source: "national", State: w.Source.State(), Code: "good", Cookie: begun.Cookie})
	if err != nil {
		return in, err
	}
	in.Session, err = w.Opened(t.Context(), in.Session.ID)
	return in, err
}

// demand: D28
func TestAStepUpLiftsTheSessionAndEndsTheFormerOne(t *testing.T) {
	w := identitytest.Open(t)
	w.Source.Says.Level = identity.LevelChecked
	before, err := stepUp(t, w, "k", 0)
	if err != nil || before.Session.Level != identity.LevelChecked || w.Source.Asked != 0 {
		t.Fatalf("level %d, the source was asked for %d, %v", before.Session.Level, w.Source.Asked, err)
	}
	w.Source.Says.Level = identity.LevelPresent
	after, err := stepUp(t, w, "k", identity.LevelPresent)
	if err != nil || after.Session.Level != identity.LevelPresent || w.Source.Asked != identity.LevelPresent || after.Account.Subject != before.Account.Subject {
		t.Fatalf("level %d, the source was asked for %d, %v", after.Session.Level, w.Source.Asked, err)
	}
	if _, err := w.Session(t.Context(), before.Session.ID); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("the session of before: %v", err)
	}
}

func TestAStepUpThatTheSourceDoesNotReachChangesNothing(t *testing.T) {
	w := identitytest.Open(t)
	w.Source.Says.Level = identity.LevelChecked
	before, err := stepUp(t, w, "k", 0)
	if err != nil {
		t.Fatal(err)
	}
	told := len(w.Outbox.Events())
	refused, err := stepUp(t, w, "k", identity.LevelPresent)
	if fault.CodeOf(err) != "SOURCE_LEVEL_TOO_LOW" || !fault.Is(err, fault.Forbidden) || string(refused.AppRequest) != "authorize?x" {
		t.Fatalf("%q, %v", refused.AppRequest, err)
	}
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Detail["level_min"] != "4" {
		t.Errorf("it does not say which level: %v", err)
	}
	if _, err := w.Session(t.Context(), before.Session.ID); err != nil || len(w.Outbox.Events()) != told {
		t.Errorf("the session of before: %v, %d events", err, len(w.Outbox.Events())-told)
	}
}

func TestNobodyIsSentToASourceThatCannotVouchForTheLevel(t *testing.T) {
	w := identitytest.Open(t)
	if _, err := stepUp(t, w, "k", identity.LevelCertified); fault.CodeOf(err) != "SOURCE_LEVEL_TOO_LOW" || w.Source.State() != "" {
		t.Errorf("sent all the same, or %v", err)
	}
	w.Source.MaxLevel, w.Source.Says.Level = identity.LevelCertified, identity.LevelCertified
	if in, err := stepUp(t, w, "k", identity.LevelPresent); err != nil || in.Session.Level != identity.LevelCertified {
		t.Errorf("more than was asked for: level %d, %v", in.Session.Level, err)
	}
}

func TestALevelIsAskedForByItsName(t *testing.T) {
	for values, want := range map[string]struct {
		level int
		known bool
	}{
		"": {0, true}, " ": {0, true}, "urn:tongban:level:4": {4, true}, "urn:tongban:level:5 urn:tongban:level:4": {4, true},
		"urn:other urn:tongban:level:3": {3, true}, "urn:other": {0, false}, "urn:tongban:level:6": {0, false}, "urn:tongban:level:1": {0, false}, "urn:tongban:level:04": {0, false}, "4": {0, false},
	} {
		if level, known := identity.LevelAsked(values); level != want.level || known != want.known {
			t.Errorf("%q asks for %d, %v", values, level, known)
		}
	}
}

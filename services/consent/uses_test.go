package consent_test

import (
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consenttest"
)

func TestUsesAreTheStandingConsentsAndSaySoWhenTheyMove(t *testing.T) {
	w := consenttest.Open(t)
	uses := func() int {
		t.Helper()
		got, err := w.Uses(t.Context(), consenttest.Zhang)
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	if n := uses(); n != 0 {
		t.Errorf("%d before anything was given", n)
	}
	ask := consenttest.Ask(consenttest.Name())
	given := w.Give(t, ask, "name")
	if got, err := w.Uses(t.Context(), consenttest.Zhang); err != nil || !got[ask.App] || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	if got, err := w.Uses(t.Context(), "sub_li"); err != nil || len(got) != 0 {
		t.Errorf("another's: %v %v", got, err)
	}
	if !w.Changes.Has(changes.Changed, consent.UsesKey(consenttest.Zhang)) {
		t.Error("what was given is told to nobody who keeps it")
	}
	if err := w.Withdraw(t.Context(), zhang(), given.ID); err != nil {
		t.Fatal(err)
	}
	if n := uses(); n != 0 || !w.Changes.Has(changes.Revoked, consent.UsesKey(consenttest.Zhang)) {
		t.Errorf("%d after the withdrawal", n)
	}
}

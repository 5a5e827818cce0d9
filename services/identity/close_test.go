package identity_test

import (
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func TestAClosedAccountIsGoneAndItsPersonComesAgainAsSomebodyNew(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.PhoneVerified = true
	in := w.SignIn(t, e)
	firm := w.SignIn(t, identitytest.ForEnterprise())
	n, err := w.Close(t.Context(), in.Session.Actor())
	if err != nil || n != 2 {
		t.Fatalf("%d sign-ins ended, %v", n, err)
	}
	for _, id := range []ids.SessionID{in.Session.ID, firm.Session.ID} {
		if err := use(t, w, id); fault.CodeOf(err) != "SESSION_ENDED" || !w.Changes.Has(changes.Revoked, changes.Session(id)) {
			t.Errorf("a sign-in: %v", err)
		}
	}
	if !w.Changes.Has(changes.Revoked, changes.Subject(in.Account.Subject)) {
		t.Error("the change log does not say that the person is gone")
	}
	left, err := w.Account(t.Context(), in.Account.Subject)
	if err != nil || left.Profile != (identity.Profile{}) || left.CertKey != "" || len(left.Places) != 0 || left.Checked() {
		t.Errorf("left of it: %+v, %v", left, err)
	}
	if got := proved(t, w, in.Account.Subject); len(got) != 0 {
		t.Errorf("proofs are left: %v", got)
	}
	if events := w.Outbox.Events(); events[len(events)-1] != (identity.AccountClosed{Subject: in.Account.Subject}) {
		t.Errorf("events %v", events)
	}
	if _, err := w.Close(t.Context(), in.Session.Actor()); fault.CodeOf(err) != "ACCOUNT_NOT_FOUND" {
		t.Errorf("again: %v", err)
	}
	again := w.SignIn(t, e)
	if again.Account.Subject == in.Account.Subject || again.Account.Profile.IDNumber != e.IDNumber {
		t.Errorf("the person came again as %+v", again.Account)
	}
	if still, err := w.Account(t.Context(), firm.Account.Subject); err != nil || still.Profile.Name == "" {
		t.Errorf("the enterprise went too: %+v, %v", still, err)
	}
}

func TestNobodyElseClosesAnAccount(t *testing.T) {
	w := identitytest.Open(t)
	in, firm := w.SignIn(t, identitytest.Evidence()), w.SignIn(t, identitytest.ForEnterprise())
	for name, actor := range map[string]ids.Actor{
		"a delegate": {Subject: in.Account.Subject, By: "sub_other", Mandate: "man_1"}, "an agent": firm.Session.Actor(),
		"an enterprise": {Subject: firm.Account.Subject},
	} {
		if _, err := w.Close(t.Context(), actor); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.SetPhone(t.Context(), actor, "19900000055"); name != "an enterprise" && fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%s sets the phone: %v", name, err)
		}
	}
	if a, err := w.Account(t.Context(), in.Account.Subject); err != nil || a.Profile.Name == "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAPersonsOwnPhoneStaysUntilItsOperatorSpeaks(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	if err := w.SetPhone(t.Context(), in.Session.Actor(), "199 0000 0055"); err != nil {
		t.Fatal(err)
	}
	if err := w.SetPhone(t.Context(), in.Session.Actor(), "call me"); fault.CodeOf(err) != "PHONE_INVALID" {
		t.Errorf("words: %v", err)
	}
	e := identitytest.Evidence()
	if a := w.SignIn(t, e).Account; a.Profile.Phone != "19900000055" {
		t.Errorf("a source's word replaced it: %s", a.Profile.Phone)
	}
	e.PhoneVerified = true
	if a := w.SignIn(t, e).Account; a.Profile.Phone != e.Phone || a.Profile.PhoneOwn {
		t.Errorf("the operator's word did not: %+v", a.Profile)
	}
}

package identity_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// proved gives what is proved of the subject: kind, source and level.
func proved(t *testing.T, w *identitytest.World, subject ids.SubjectID) map[string]int {
	t.Helper()
	list, err := w.Proofs(t.Context(), ids.Actor{Subject: subject})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, p := range list {
		if p.Value != "" {
			t.Errorf("%s is shown with its value", p.Kind)
		}
		got[string(p.Kind)+" "+p.Source] = p.Level
	}
	return got
}

func same(a, b map[string]int) bool {
	for name, level := range a {
		if b[name] != level {
			return false
		}
	}
	return len(a) == len(b)
}

// demand: D28
func TestEvidenceOfEveryKindIsKept(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.PhoneVerified, e.SocialSecurity = true, "1101 0519 4912 3100 2x"
	in := w.SignIn(t, e)
	w.Clock.Advance(time.Hour)
	e.Source, e.ExternalSub, e.Level, e.PhoneVerified = "provincial", "p-1", identity.LevelChecked, false
	w.SignIn(t, e)
	firm := w.SignIn(t, identitytest.ForEnterprise())
	want := map[string]int{
		"ID_NUMBER national": 4, "SOCIAL_SECURITY national": 4, "OPERATOR_PHONE national": 4, "ID_NUMBER provincial": 3, "SOCIAL_SECURITY provincial": 3,
	}
	if got := proved(t, w, in.Account.Subject); !same(got, want) {
		t.Errorf("of the person: %v", got)
	}
	if got := proved(t, w, firm.Account.Subject); !same(got, map[string]int{"CREDIT_CODE legal": 4}) {
		t.Errorf("of the enterprise: %v", got)
	}
	list, err := w.Proofs(t.Context(), ids.Actor{Subject: in.Account.Subject})
	if err != nil || list[0].Source != "provincial" || !list[0].ProvedAt.Equal(identitytest.Start.Add(time.Hour)) {
		t.Errorf("the newest is %+v, %v", list[0], err)
	}
}

func TestAWeakerProofLeavesTheStrongerOne(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	subject := w.SignIn(t, e).Account.Subject
	w.Clock.Advance(time.Hour)
	e.Level = identity.LevelChecked
	w.SignIn(t, e)
	list, err := w.Proofs(t.Context(), ids.Actor{Subject: subject})
	if err != nil || len(list) != 1 || list[0].Level != identity.LevelPresent || !list[0].ProvedAt.Equal(identitytest.Start) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhatAPersonStatesProvesNothing(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.Level, e.PhoneVerified, e.SocialSecurity = identity.LevelStated, true, "440524188001010014"
	if got := proved(t, w, w.SignIn(t, e).Account.Subject); len(got) != 0 {
		t.Errorf("%v", got)
	}
	e.SocialSecurity = "440524"
	if _, err := w.SignedIn(t.Context(), e, identitytest.Phone); fault.CodeOf(err) != "EVIDENCE_INVALID" || detail(err) != "social_security_number" {
		t.Errorf("a short one: %v", err)
	}
}

func TestAnEmployersSourceProvesNothingOfACheckedAgent(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.ForEnterprise()
	e.PhoneVerified, e.Phone, e.SocialSecurity = true, "19900000077", "440524188001010014"
	first := w.SignIn(t, e).Session.By
	if got := proved(t, w, first); !same(got, map[string]int{"ID_NUMBER legal": 3}) {
		t.Errorf("of an agent nobody knew: %v", got)
	}
	e.Level = identity.LevelCertified
	w.SignIn(t, e)
	if got := proved(t, w, first); !same(got, map[string]int{"ID_NUMBER legal": 3}) {
		t.Errorf("of one who is checked: %v", got)
	}
}

// demand: D28
func TestARecycledPhoneNumberIdentifiesNobody(t *testing.T) {
	w := identitytest.Open(t)
	a, b := identitytest.Evidence(), identitytest.Other()
	b.Phone = a.Phone
	first, second := w.SignIn(t, a).Account, w.SignIn(t, b).Account
	if first.Subject == second.Subject {
		t.Fatal("a phone number made two persons one")
	}
	phone := func(subject ids.SubjectID) string {
		t.Helper()
		now, err := w.Account(t.Context(), subject)
		if err != nil {
			t.Fatal(err)
		}
		return now.Profile.Phone
	}
	if phone(first.Subject) != a.Phone || phone(second.Subject) != a.Phone {
		t.Error("what a source merely says took the number from somebody")
	}
	b.PhoneVerified = true
	w.SignIn(t, b)
	if phone(first.Subject) != "" || phone(second.Subject) != a.Phone || !w.Changes.Has(changes.Changed, changes.Subject(first.Subject)) {
		t.Error("the operator's word did not take the number out of the former holder's profile, or nobody was told")
	}
	now, err := w.Account(t.Context(), first.Subject)
	if err != nil || now.Profile.Name != a.Name || now.Profile.IDNumber != a.IDNumber || !slices.Equal(now.Places, first.Places) {
		t.Errorf("more than the number left the profile: %+v, %v", now.Profile, err)
	}
	if again := w.SignIn(t, a).Account; again.Subject != first.Subject || again.Profile.Phone != "" {
		t.Error("a source that repeats the old number brought it back")
	}
	a.PhoneVerified = true
	w.SignIn(t, a)
	if phone(first.Subject) != a.Phone || phone(second.Subject) != "" {
		t.Error("the operator's newest word does not stand")
	}
	if got := proved(t, w, second.Subject); !same(got, map[string]int{"ID_NUMBER national": 4}) {
		t.Errorf("the former holder's proof: %v", got)
	}
}

// However it came to stay there, as it could while two sign-ins did not wait for
// each other.
func TestASourceThatRepeatsAnothersNumberTakesItOutOfTheProfile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*identity.Evidence)
		own    bool // the person gave the number itself
		left   string
	}{
		"repeated":                {func(*identity.Evidence) {}, false, ""},
		"repeated at a lower one": {func(e *identity.Evidence) { e.Level = identity.LevelChecked }, false, ""},
		"the person's own word":   {func(*identity.Evidence) {}, true, identitytest.Evidence().Phone},
		"an employer's source": {func(e *identity.Evidence) {
			e.Source, e.ExternalSub, e.For = "legal", "l-1", identitytest.ForEnterprise().For
		}, false, identitytest.Evidence().Phone},
	} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			a, b := identitytest.Evidence(), identitytest.Other()
			former, holder := w.SignIn(t, a).Account, w.SignIn(t, b).Account
			if c.own {
				if err := w.SetPhone(t.Context(), ids.Actor{Subject: former.Subject}, a.Phone); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				return w.Store.SaveProof(ctx, u, holder.Subject, identity.Proof{Kind: identity.ProofOperatorPhone, Source: "national", Level: 4, Value: a.Phone, ProvedAt: identitytest.Start})
			}); err != nil {
				t.Fatal(err)
			}
			c.change(&a)
			w.SignIn(t, a)
			now, err := w.Account(t.Context(), former.Subject)
			if err != nil || now.Profile.Phone != c.left || now.Profile.Name != a.Name {
				t.Errorf("left with %q, %v", now.Profile.Phone, err)
			}
			if told := w.Changes.Has(changes.Changed, changes.Subject(former.Subject)); told != (c.left == "" || c.own) {
				t.Errorf("told of a change: %v", told)
			}
		})
	}
}

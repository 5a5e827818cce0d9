package identity_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

// demand: D28
func TestAnAgentSignsInForTheEnterprise(t *testing.T) {
	w := identitytest.Open(t)
	himself := w.SignIn(t, identitytest.Evidence())
	e := identitytest.ForEnterprise()
	in := w.SignIn(t, e)
	if in.Account.Kind != identity.Enterprise || in.Account.Profile.Company.CreditCode != e.For.CreditCode || in.Account.Subject == himself.Account.Subject {
		t.Fatalf("signed in as %+v", in.Account)
	}
	if want := (ids.Actor{Subject: in.Account.Subject, By: himself.Account.Subject, Role: ids.Agent}); in.Session.Actor() != want {
		t.Fatalf("acting as %+v", in.Session.Actor())
	}
	other := identitytest.Other()
	other.Source, other.ExternalSub, other.For = e.Source, "l-2", e.For
	other.For.Role = ids.LegalRepresentative
	if second := w.SignIn(t, other); second.Account.Subject != in.Account.Subject || second.Session.By == in.Session.By {
		t.Error("two agents of one enterprise are in two")
	}
}

func TestWhatTheEnterpriseKnowsStaysOutOfTheAgentsOwn(t *testing.T) {
	w := identitytest.Open(t)
	before := w.SignIn(t, identitytest.Evidence()).Account
	e := identitytest.ForEnterprise()
	e.Name, e.Phone, e.Places, e.Level = "张改名", "19900009999", []ids.AreaCode{"320000"}, identity.LevelCertified
	firm := w.SignIn(t, e).Account
	after, err := w.Account(t.Context(), before.Subject)
	if err != nil || after.Profile != before.Profile || !slices.Equal(after.Places, before.Places) || after.Level != before.Level {
		t.Errorf("the employer's source changed the agent's own account: %+v, %v", after, err)
	}
	if firm.Profile.IDNumber != "" || slices.Contains(firm.Places, "410000") {
		t.Errorf("the agent's own stands in the enterprise's account: %+v", firm)
	}
}

func TestAnAgentWhomNobodyKnewHasAnAccountWithoutTheEnterprisesThings(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.ForEnterprise()
	e.Phone, e.Places = "19900009999", []ids.AreaCode{"320000"}
	by := w.SignIn(t, e).Session.By
	a, err := w.Account(t.Context(), by)
	if err != nil || a.Kind != identity.Person || a.Profile.Phone != "" || len(a.Places) != 0 || a.Profile.Company != (identity.Company{}) {
		t.Errorf("%+v, %v", a, err)
	}
	if himself := w.SignIn(t, identitytest.Evidence()).Account; himself.Subject != by {
		t.Error("the person is another for itself than as agent")
	}
}

// Whoever is let vouch for enterprises must not open a person's records by it:
// authorities are asked by cert_key, and believe an answer that names it.
func TestASourceOfEnterprisesSettlesNothingOfAPersonsOwn(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.ForEnterprise()
	e.CertKey, e.Level, e.Name = "another-persons-key", identity.LevelCertified, "张改名"
	in := w.SignIn(t, e)
	if in.Session.Level != identity.LevelCertified {
		t.Errorf("the session is of level %d", in.Session.Level)
	}
	if a, err := w.Account(t.Context(), in.Session.By); err != nil || a.CertKey != "" || a.Level != identity.LevelChecked {
		t.Errorf("%+v, %v", a, err)
	}
	own := identitytest.Evidence()
	own.Level = identity.LevelChecked
	if himself := w.SignIn(t, own).Account; himself.Subject != in.Session.By || himself.CertKey != own.CertKey || himself.Profile.Name != own.Name {
		t.Errorf("the person's own source was not believed: %+v", himself)
	}
}

// otherWord gives what another source says of the enterprise in e, all of it
// different, by an agent at the level.
func otherWord(e identity.Evidence, source string, level int) identity.Evidence {
	e.Source, e.ExternalSub, e.Level = source, source+"-1", level
	e.For.Name, e.For.Type, e.For.LegalRepresentative = "样例贸易有限公司", "股份有限公司", "李样例"
	e.For.Phone, e.For.CertKey, e.For.Places = "19900001009", "hash-of-another-company", []ids.AreaCode{"440000"}
	return e
}

// Of whoever's cert_key an enterprise has, the records are believed to be its own.
func TestALowerLevelAddsOnlyPlacesToAnEnterprise(t *testing.T) {
	w := identitytest.Open(t)
	high := identitytest.ForEnterprise()
	high.Level = identity.LevelCertified
	before := w.SignIn(t, high).Account
	for _, source := range []string{high.Source, "province"} {
		low := otherWord(high, source, identity.LevelChecked)
		in := w.SignIn(t, low)
		after := in.Account
		if after.Profile != before.Profile || after.CertKey != before.CertKey || after.Level != before.Level {
			t.Errorf("%s at level 3 overwrote level 5: %+v", source, after)
		}
		if want := []ids.AreaCode{"310000", "320000", "440000"}; !slices.Equal(after.Places, want) {
			t.Errorf("%s: places %v, want %v", source, after.Places, want)
		}
		if in.Session.Level != identity.LevelChecked {
			t.Errorf("%s: the session is of level %d", source, in.Session.Level)
		}
	}
}

// The level in a sign-in is the agent's: a good one makes no good source.
func TestALessTrustedSourceAddsOnlyPlacesToAnEnterprise(t *testing.T) {
	w := identitytest.Open(t).Beside(
		&identitytest.Source{Name: "legal", MaxLevel: identity.LevelCertified}, &identitytest.Source{Name: "province", MaxLevel: identity.LevelPresent},
		&identitytest.Source{Name: "region", MaxLevel: identity.LevelCertified})
	first := identitytest.ForEnterprise()
	first.Level = identity.LevelChecked
	before := w.SignIn(t, first).Account
	after := w.SignIn(t, otherWord(first, "province", identity.LevelPresent)).Account
	if after.Profile != before.Profile || after.CertKey != before.CertKey || after.Level != before.Level || !slices.Contains(after.Places, "440000") {
		t.Errorf("a less trusted source's word was taken: %+v", after)
	}
	unknown := w.SignIn(t, otherWord(first, "gone", identity.LevelCertified)).Account
	if unknown.CertKey != before.CertKey {
		t.Error("the word of a source that nobody trusts any more was taken")
	}
	corrected := first
	corrected.For.Name = "示例国际贸易有限公司"
	if own := w.SignIn(t, corrected).Account; own.Profile.Name != corrected.For.Name {
		t.Errorf("a source can't correct itself: %+v", own.Profile)
	}
	if equal := w.SignIn(t, otherWord(first, "region", identity.LevelChecked)).Account; equal.CertKey != "hash-of-another-company" || equal.Profile.Company.LegalRepresentative != "李样例" {
		t.Errorf("an equally trusted source was not believed: %+v", equal)
	}
}

func TestAMoreTrustedSourceCorrectsAnEnterprise(t *testing.T) {
	w := identitytest.Open(t).Beside(
		&identitytest.Source{Name: "legal", MaxLevel: identity.LevelCertified}, &identitytest.Source{Name: "province", MaxLevel: identity.LevelPresent})
	right := identitytest.ForEnterprise()
	wrong := otherWord(right, "province", right.Level)
	w.SignIn(t, wrong)
	for _, e := range []identity.Evidence{right, wrong} { // what the province repeats brings nothing back
		if a := w.SignIn(t, e).Account; a.Profile.Name != right.For.Name || a.CertKey != right.For.CertKey || a.Profile.Phone != right.For.Phone {
			t.Errorf("after %s: %+v", e.Source, a)
		}
	}
}

func TestAnAgentsSessionEndsWithTheSourcesWord(t *testing.T) {
	for name, c := range map[string]struct {
		until, lives time.Duration
	}{"no word": {0, identity.EnterpriseLimit}, "a short one": {time.Hour, time.Hour}, "a long one": {240 * time.Hour, identity.EnterpriseLimit}} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			e := identitytest.ForEnterprise()
			if c.until != 0 {
				e.For.Until = identitytest.Start.Add(c.until)
			}
			id := w.SignIn(t, e).Session.ID
			w.Clock.Advance(c.lives - time.Second)
			if _, err := w.Session(t.Context(), id); err != nil {
				t.Errorf("ended early: %v", err)
			}
			w.Clock.Advance(time.Second)
			if _, err := w.Session(t.Context(), id); fault.CodeOf(err) != "SESSION_EXPIRED" {
				t.Errorf("outlives the word: %v", err)
			}
		})
	}
}

func TestAnAgentEndsItsOwnSessionsAlone(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.ForEnterprise()
	mine, again := w.SignIn(t, e), w.SignIn(t, e)
	other := identitytest.Other()
	other.Source, other.ExternalSub, other.For = e.Source, "l-2", e.For
	theirs := w.SignIn(t, other)
	if err := w.EndSession(t.Context(), mine.Session.Actor(), theirs.Session.ID); fault.CodeOf(err) != "SESSION_NOT_FOUND" || !fault.Is(err, fault.Private) {
		t.Errorf("another agent's session: %v", err)
	}
	if err := w.EndSession(t.Context(), ids.Actor{Subject: mine.Session.Subject, By: mine.Session.By}, mine.Session.ID); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("without a role: %v", err)
	}
	if err := w.EndSession(t.Context(), mine.Session.Actor(), mine.Session.ID); err != nil || !w.Changes.Has(changes.Revoked, changes.Session(mine.Session.ID)) {
		t.Errorf("one's own: %v", err)
	}
	if n, err := w.EndAll(t.Context(), ids.Actor{Subject: mine.Session.By}); err != nil || n != 1 || !w.Changes.Has(changes.Revoked, changes.Session(again.Session.ID)) {
		t.Errorf("the person's end of all ended %d for the enterprise, %v", n, err)
	}
	if list, err := w.Sessions(t.Context(), theirs.Session.Actor()); err != nil || len(list) != 1 {
		t.Errorf("the other agent has %d, %v", len(list), err)
	}
}

// demand: D28
func TestEvidenceOfAnEnterpriseThatDoesNotHoldIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*identity.Evidence)
		code   string
		part   string
	}{
		"wrong check character": {func(e *identity.Evidence) { e.For.CreditCode = "91310000MA00000013" }, "EVIDENCE_INVALID", "credit_code"},
		"no name":               {func(e *identity.Evidence) { e.For.Name = " " }, "EVIDENCE_INVALID", "enterprise_name"},
		"no role":               {func(e *identity.Evidence) { e.For.Role = "" }, "EVIDENCE_INVALID", "role"},
		"a role of its own":     {func(e *identity.Evidence) { e.For.Role = "owner" }, "EVIDENCE_INVALID", "role"},
		"a role that has ended": {func(e *identity.Evidence) { e.For.Until = identitytest.Start }, "EVIDENCE_INVALID", "role_until"},
		"a role and no code":    {func(e *identity.Evidence) { e.For.CreditCode = "" }, "EVIDENCE_INVALID", "credit_code"},
		"a phone of words":      {func(e *identity.Evidence) { e.For.Phone = "none" }, "EVIDENCE_INVALID", "enterprise_phone"},
		"an unchecked agent":    {func(e *identity.Evidence) { e.Level = identity.LevelStated }, "SOURCE_LEVEL_TOO_LOW", ""},
		"a false ID number":     {func(e *identity.Evidence) { e.IDNumber = "110105194912310021" }, "EVIDENCE_INVALID", "id_number"},
	} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			e := identitytest.ForEnterprise()
			c.change(&e)
			_, err := w.SignedIn(t.Context(), e, identitytest.Phone)
			if fault.CodeOf(err) != c.code || c.part != "" && detail(err) != c.part {
				t.Fatalf("got %v, %q", err, detail(err))
			}
		})
	}
}

package mandate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatetest"
)

// demand: D34
func TestNobodyHandsOnWhatTheyWereGiven(t *testing.T) {
	w := mandatetest.Open(t)
	m := w.Given(t, mandatetest.Mother, mandatetest.Daughter, mandatetest.Terms())
	waiting := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	if _, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Agent), waiting.Code); err != nil {
		t.Fatal(err)
	}
	for name, actor := range map[string]ids.Actor{
		"by mandate":         m.Actor(),
		"by nothing":         {Subject: mandatetest.Mother, By: mandatetest.Daughter},
		"as a firm's agent":  {Subject: mandatetest.Mother, By: mandatetest.Daughter, Role: ids.Agent},
		"a mandate, no hand": {Subject: mandatetest.Mother, Mandate: m.ID, Scopes: m.Scopes},
	} {
		_, err := w.Offer(t.Context(), actor, mandatetest.Terms())
		is(t, name+" offers", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.Accept(t.Context(), actor, "000000000000")
		is(t, name+" accepts", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.Confirm(t.Context(), actor, waiting.Mandate.ID)
		is(t, name+" confirms", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.End(t.Context(), actor, m.ID)
		is(t, name+" ends", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, _, err = w.List(t.Context(), actor, mandate.Principal, mandate.Page{})
		is(t, name+" lists", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
		_, err = w.Mandate(t.Context(), actor, waiting.Mandate.ID)
		is(t, name+" looks at another", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	if _, err := w.Mandate(t.Context(), m.Actor(), m.ID); err != nil {
		t.Errorf("who acts may not see by what: %v", err)
	}
	_, err := w.Burden(t.Context(), m.Actor(), m.ID)
	is(t, "the delegate counts", err, fault.Private, "MANDATE_NOT_FOUND")
}

func TestAnEnterprisesMandateIsItsLegalRepresentatives(t *testing.T) {
	w := mandatetest.Open(t)
	boss := ids.Actor{Subject: mandatetest.Firm, By: mandatetest.Daughter, Role: ids.LegalRepresentative}
	agent := ids.Actor{Subject: mandatetest.Firm, By: mandatetest.Daughter, Role: ids.Agent}
	terms := mandatetest.Terms()
	terms.Kind = mandate.Company
	_, err := w.Offer(t.Context(), agent, terms)
	is(t, "an agent offers", err, fault.Forbidden, "ACTING_NOT_ALLOWED")
	offer, err := w.Offer(t.Context(), boss, terms)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Accept(t.Context(), mandatetest.Self(mandatetest.Daughter), offer.Code)
	is(t, "the representative takes it", err, fault.Conflict, "MANDATE_SELF")
	if _, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Agent), offer.Code); err != nil {
		t.Fatal(err)
	}
	m, err := w.Confirm(t.Context(), boss, offer.Mandate.ID)
	if err != nil || m.MadeBy != mandatetest.Daughter || m.Elder {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := w.Standing(t.Context(), m.ID, mandatetest.Agent); err != nil {
		t.Fatal(err)
	}
	if _, err := w.End(t.Context(), mandatetest.Self(mandatetest.Agent), m.ID); err != nil {
		t.Fatal(err)
	}
	if heard := w.Outbox.Events(); !slices.Equal(heard, []outbox.Event{ // each names the person behind the enterprise
		mandate.Taken{Mandate: m.ID, Principal: mandatetest.Firm, MadeBy: mandatetest.Daughter},
		mandate.Confirmed{Mandate: m.ID, Principal: mandatetest.Firm, MadeBy: mandatetest.Daughter, Delegate: mandatetest.Agent},
		mandate.Over{Mandate: m.ID, Principal: mandatetest.Firm, MadeBy: mandatetest.Daughter, Delegate: mandatetest.Agent, By: mandate.Delegate, State: mandate.Ended},
	}) {
		t.Errorf("heard: %+v", heard)
	}
}

func TestTheTwoMustFitTheKind(t *testing.T) {
	w := mandatetest.Open(t)
	for name, c := range map[string]struct {
		principal ids.SubjectID
		kind      mandate.Kind
		code      string
	}{
		"an adult's guardian":  {mandatetest.Mother, mandate.Guardian, "MANDATE_KIND_UNFIT"},
		"a person's company":   {mandatetest.Mother, mandate.Company, "MANDATE_KIND_UNFIT"},
		"a child's family":     {mandatetest.Teenager, mandate.Family, "MANDATE_KIND_UNFIT"},
		"whom nobody checked":  {mandatetest.Unknown, mandate.Family, "LEVEL_TOO_LOW"},
		"an enterprise's aunt": {mandatetest.Firm, mandate.Family, "MANDATE_KIND_UNFIT"},
	} {
		terms := mandatetest.Terms()
		terms.Kind = c.kind
		_, err := w.Offer(t.Context(), mandatetest.Self(c.principal), terms)
		is(t, name, err, fault.Forbidden, c.code)
	}
	offer := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	_, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Teenager), offer.Code)
	is(t, "a child as delegate", err, fault.Forbidden, "MANDATE_KIND_UNFIT")
	_, err = w.Accept(t.Context(), mandatetest.Self(mandatetest.Unknown), offer.Code)
	is(t, "a delegate whom nobody checked", err, fault.Forbidden, "LEVEL_TOO_LOW")
	_, err = w.Accept(t.Context(), mandatetest.Self(mandatetest.Mother), offer.Code)
	is(t, "oneself", err, fault.Conflict, "MANDATE_SELF")
}

// guardians knows one pair.
type guardians struct{ guardian, child ids.SubjectID }

func (g guardians) Guards(_ context.Context, guardian, child identity.Account) error {
	if guardian.Subject == g.guardian && child.Subject == g.child {
		return nil
	}
	return fault.New("test", fault.Forbidden, "MANDATE_GUARDIAN_UNPROVED")
}

func TestAYoungChildIsActedForByAProvedGuardianAlone(t *testing.T) {
	w := mandatetest.Open(t)
	terms := mandatetest.Terms()
	terms.Kind = mandate.Guardian
	if m := w.Given(t, mandatetest.Teenager, mandatetest.Daughter, terms); m.Elder {
		t.Error("an elder of fifteen")
	}
	for name, c := range map[string]struct {
		knows mandate.Guardians
		code  string
	}{
		"no source":        {nil, "MANDATE_GUARDIAN_UNPROVED"},
		"somebody else's":  {guardians{mandatetest.Agent, mandatetest.Child}, "MANDATE_GUARDIAN_UNPROVED"},
		"its own guardian": {guardians{mandatetest.Daughter, mandatetest.Child}, ""},
	} {
		deps := w.Deps
		deps.Guardians = c.knows
		s := mandate.New(deps)
		offer := w.Offered(t, mandatetest.Child, terms)
		if _, err := s.Accept(t.Context(), mandatetest.Self(mandatetest.Daughter), offer.Code); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Confirm(t.Context(), mandatetest.Self(mandatetest.Child), offer.Mandate.ID); (err == nil) != (c.code == "") || err != nil && fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// demand: D34
func TestADelegateOfMoreThanFiveEldersIsSeen(t *testing.T) {
	w := mandatetest.Open(t)
	terms := mandatetest.Terms()
	terms.Kind = mandate.Village
	elder := func(i int) ids.SubjectID { return ids.SubjectID(fmt.Sprint("sub_elder_", i)) }
	for i := range 6 {
		w.Accounts.Add(elder(i), "19660302") // sixty on the very day
	}
	w.Accounts.Add("sub_59", "19660303")
	w.Given(t, "sub_59", mandatetest.Agent, terms)
	for i := range 5 {
		w.Given(t, elder(i), mandatetest.Agent, terms)
	}
	if flags, err := w.Flagged(t.Context()); err != nil || len(flags) != 0 {
		t.Fatalf("five are flagged: %v, %v", flags, err)
	}
	offer := w.Offered(t, elder(5), terms)
	if _, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Agent), offer.Code); err != nil {
		t.Fatal(err)
	}
	if b, err := w.Burden(t.Context(), mandatetest.Self(elder(5)), offer.Mandate.ID); err != nil || b != (mandate.Burden{Principals: 6, Elders: 5}) {
		t.Fatalf("the sixth is told %+v, %v", b, err)
	}
	m, err := w.Confirm(t.Context(), mandatetest.Self(elder(5)), offer.Mandate.ID)
	if err != nil {
		t.Fatal(err)
	}
	if flags, err := w.Flagged(t.Context()); err != nil || len(flags) != 1 || flags[0] != (mandate.Flag{Delegate: mandatetest.Agent, Elders: 6}) {
		t.Fatalf("six: %v, %v", flags, err)
	}
	if b, err := w.Burden(t.Context(), mandatetest.Self(elder(5)), m.ID); err != nil || b.Elders != 5 {
		t.Fatalf("others are told as %+v, %v", b, err)
	}
}

func TestAClosedAccountEndsWhatItGaveAndTook(t *testing.T) {
	w := mandatetest.Open(t)
	given := w.Given(t, mandatetest.Daughter, mandatetest.Agent, mandatetest.Terms())
	taken := w.Given(t, mandatetest.Mother, mandatetest.Daughter, mandatetest.Terms())
	other := w.Given(t, mandatetest.Mother, mandatetest.Agent, mandatetest.Terms())
	if err := w.EndAll(t.Context(), mandatetest.Daughter); err != nil {
		t.Fatal(err)
	}
	for _, m := range []mandate.Mandate{given, taken} {
		_, err := w.Standing(t.Context(), m.ID, m.Delegate)
		is(t, "after", err, fault.Unauthenticated, "MANDATE_ENDED")
		if !w.Changes.Has(changes.Revoked, changes.Mandate(m.ID)) {
			t.Error("nobody heard of it")
		}
		want := mandate.Over{Mandate: m.ID, Principal: m.Principal, Delegate: m.Delegate, By: m.Of(mandatetest.Daughter), State: mandate.Ended}
		if heard := w.Outbox.Events(); !slices.Contains(heard, outbox.Event(want)) {
			t.Errorf("heard: %+v", heard)
		}
		if kept, err := w.Mandate(t.Context(), mandatetest.Self(mandatetest.Daughter), m.ID); err != nil || kept.EndedBy != "" {
			t.Errorf("kept: %+v, %v", kept, err)
		}
	}
	if _, err := w.Standing(t.Context(), other.ID, mandatetest.Agent); err != nil {
		t.Fatalf("another's ended too: %v", err)
	}
}

package mandate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatetest"
)

func is(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, kind) || fault.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// demand: D34
func TestAMandateStandsOnceBothAgreedThePrincipalLast(t *testing.T) {
	w := mandatetest.Open(t)
	self := mandatetest.Self
	offer := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	if len(offer.Code) != 12 || strings.Trim(offer.Code, "0123456789") != "" || !offer.CodeUntil.Equal(mandatetest.Start.Add(mandate.CodeLife)) {
		t.Fatalf("%q until %s", offer.Code, offer.CodeUntil)
	}
	id := offer.Mandate.ID
	stands := func(step string, want bool) {
		t.Helper()
		m, err := w.Standing(t.Context(), id, mandatetest.Daughter)
		if stood := err == nil; stood != want || stood && m.Actor() != (ids.Actor{
			Subject: mandatetest.Mother, By: mandatetest.Daughter, Mandate: id, Scopes: "matter:* space",
		}) {
			t.Fatalf("%s: %+v, %v", step, m, err)
		}
	}
	stands("offered", false)
	_, err := w.Confirm(t.Context(), self(mandatetest.Mother), id)
	is(t, "confirmed with nobody", err, fault.Conflict, "MANDATE_NOT_ACCEPTED")
	if _, err := w.Accept(t.Context(), self(mandatetest.Daughter), offer.Code[:4]+" "+offer.Code[4:8]+"-"+offer.Code[8:]); err != nil {
		t.Fatal(err)
	}
	stands("accepted", false)
	if want := (mandate.Taken{Mandate: id, Principal: mandatetest.Mother}); !slices.Equal(w.Outbox.Events(), []outbox.Event{want}) {
		t.Errorf("taken: %+v", w.Outbox.Events())
	}
	_, err = w.Confirm(t.Context(), self(mandatetest.Daughter), id)
	is(t, "confirmed by the delegate", err, fault.Private, "MANDATE_NOT_FOUND")
	for range 2 {
		if m, err := w.Confirm(t.Context(), self(mandatetest.Mother), id); err != nil || m.State(w.Clock.Now()) != mandate.Standing || !m.Elder {
			t.Fatalf("%+v, %v", m, err)
		}
	}
	stands("confirmed", true)
	if !w.Changes.Has(changes.Changed, changes.Mandate(id)) || !slices.Equal(kinds(w), []string{"mandate.accepted", "mandate.confirmed"}) {
		t.Errorf("heard: %v", kinds(w))
	}
	_, err = w.Standing(t.Context(), id, mandatetest.Agent)
	is(t, "another's", err, fault.Private, "MANDATE_NOT_FOUND")
	_, err = w.Standing(t.Context(), id, mandatetest.Mother)
	is(t, "the principal's own", err, fault.Private, "MANDATE_NOT_FOUND")
}

func kinds(w *mandatetest.World) []string {
	list := []string{}
	for _, e := range w.Outbox.Events() {
		list = append(list, e.EventKind())
	}
	return list
}

// demand: D34
func TestEitherSideEndsAMandateAtOnce(t *testing.T) {
	for _, by := range []ids.SubjectID{mandatetest.Mother, mandatetest.Daughter} {
		w := mandatetest.Open(t)
		m := w.Given(t, mandatetest.Mother, mandatetest.Daughter, mandatetest.Terms())
		_, err := w.End(t.Context(), mandatetest.Self(mandatetest.Agent), m.ID)
		is(t, "ended by another", err, fault.Private, "MANDATE_NOT_FOUND")
		for range 2 {
			ended, err := w.End(t.Context(), mandatetest.Self(by), m.ID)
			if err != nil || ended.State(w.Clock.Now()) != mandate.Ended || ended.EndedBy != ended.Of(by) {
				t.Fatalf("%+v, %v", ended, err)
			}
		}
		_, err = w.Standing(t.Context(), m.ID, mandatetest.Daughter)
		is(t, "used after", err, fault.Unauthenticated, "MANDATE_ENDED")
		want := mandate.Over{Mandate: m.ID, Principal: mandatetest.Mother, Delegate: mandatetest.Daughter, By: m.Of(by), State: mandate.Ended}
		if heard := w.Outbox.Events(); !w.Changes.Has(changes.Revoked, changes.Mandate(m.ID)) || len(heard) != 3 || heard[2] != want {
			t.Errorf("heard: %+v", heard)
		}
		_, err = w.Confirm(t.Context(), mandatetest.Self(mandatetest.Mother), m.ID)
		is(t, "confirmed again", err, fault.Conflict, "MANDATE_NOT_ACCEPTED")
	}
}

func TestAMandateEndsByItself(t *testing.T) {
	w := mandatetest.Open(t)
	terms := mandatetest.Terms()
	m := w.Given(t, mandatetest.Mother, mandatetest.Daughter, terms)
	w.Clock.Advance(terms.Until.Sub(w.Clock.Now()) - time.Microsecond)
	if _, err := w.Standing(t.Context(), m.ID, mandatetest.Daughter); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Microsecond)
	_, err := w.Standing(t.Context(), m.ID, mandatetest.Daughter)
	is(t, "used after", err, fault.Unauthenticated, "MANDATE_ENDED")
}

func TestACodeLapsesAndSoDoesWhatNobodyConfirms(t *testing.T) {
	w := mandatetest.Open(t)
	daughter, mother := mandatetest.Self(mandatetest.Daughter), mandatetest.Self(mandatetest.Mother)
	offer := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	w.Clock.Advance(mandate.CodeLife)
	_, err := w.Accept(t.Context(), daughter, offer.Code)
	is(t, "a lapsed code", err, fault.NotFound, "MANDATE_CODE_UNKNOWN")
	first := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	offer = w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	_, err = w.Accept(t.Context(), daughter, first.Code)
	is(t, "a code that another took the place of", err, fault.NotFound, "MANDATE_CODE_UNKNOWN")
	if heard := kinds(w); len(heard) != 0 {
		t.Errorf("of what nobody took is told %v", heard)
	}
	if _, err := w.Accept(t.Context(), daughter, offer.Code); err != nil {
		t.Fatal(err)
	}
	_, err = w.Accept(t.Context(), mandatetest.Self(mandatetest.Agent), offer.Code)
	is(t, "a used code", err, fault.NotFound, "MANDATE_CODE_UNKNOWN")
	w.Clock.Advance(mandate.ConfirmWithin)
	_, err = w.Confirm(t.Context(), mother, offer.Mandate.ID)
	is(t, "confirmed late", err, fault.Conflict, "MANDATE_NOT_ACCEPTED")
}

func TestWhoGuessesCodesIsStoppedForAWhile(t *testing.T) {
	w := mandatetest.Open(t)
	offer := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	agent := mandatetest.Self(mandatetest.Agent)
	for i := range mandate.MostTries {
		_, err := w.Accept(t.Context(), agent, fmt.Sprintf("%012d", i))
		is(t, "a guess", err, fault.NotFound, "MANDATE_CODE_UNKNOWN")
		w.Clock.Advance(time.Minute)
	}
	_, err := w.Accept(t.Context(), agent, offer.Code)
	is(t, "the right one after five", err, fault.RateLimited, "MANDATE_CODE_TRIES")
	if _, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Daughter), offer.Code); err != nil {
		t.Fatalf("another's guesses stopped her: %v", err)
	}
	w.Clock.Advance(mandate.CodeLife - 5*time.Minute)
	_, err = w.Accept(t.Context(), agent, offer.Code)
	is(t, "after a while", err, fault.NotFound, "MANDATE_CODE_UNKNOWN")
}

func TestACodeIsKeptAsItsHash(t *testing.T) {
	w := mandatetest.Open(t)
	offer := w.Offered(t, mandatetest.Mother, mandatetest.Terms())
	other := w.Offered(t, mandatetest.Daughter, mandate.Terms{Kind: mandate.Family, Scopes: []ids.Scope{"space"}, Until: mandatetest.Terms().Until})
	if offer.Code == other.Code {
		t.Fatal("one code for two")
	}
	if _, err := w.Accept(t.Context(), mandatetest.Self(mandatetest.Daughter), w.Deps.Hash.Index("mandate.code", offer.Code)); err == nil {
		t.Fatal("the hash is a code")
	}
}

func TestTermsAreBounded(t *testing.T) {
	w := mandatetest.Open(t)
	for name, c := range map[string]struct {
		change func(*mandate.Terms)
		part   string
	}{
		"no kind":        {func(m *mandate.Terms) { m.Kind = "FRIEND" }, "kind"},
		"nothing":        {func(m *mandate.Terms) { m.Scopes = nil }, "scopes"},
		"too much":       {func(m *mandate.Terms) { m.Scopes = slices.Repeat([]ids.Scope{"space"}, 31) }, "scopes"},
		"the phone":      {func(m *mandate.Terms) { m.Scopes = []ids.Scope{"space", "phone"} }, "scopes"},
		"everything":     {func(m *mandate.Terms) { m.Scopes = []ids.Scope{"*"} }, "scopes"},
		"yesterday":      {func(m *mandate.Terms) { m.Until = mandatetest.Start.Add(-time.Hour) }, "until"},
		"over a year":    {func(m *mandate.Terms) { m.Until = mandatetest.Start.AddDate(1, 0, 1) }, "until"},
		"below its code": {func(m *mandate.Terms) { m.Until = mandatetest.Start.Add(mandate.CodeLife) }, "until"},
	} {
		terms := mandatetest.Terms()
		c.change(&terms)
		_, err := w.Offer(t.Context(), mandatetest.Self(mandatetest.Mother), terms)
		is(t, name, err, fault.Invalid, "MANDATE_INVALID")
		if told := part(err); told != c.part {
			t.Errorf("%s: the part told is %q, want %s", name, told, c.part)
		}
	}
}

// A year is one of the calendar: the same day and time of the next.
//
// demand: D34
func TestAMandateStandsAYearAtMost(t *testing.T) {
	for name, c := range map[string]struct{ now, last string }{
		"a common year":      {"2026-03-02T09:00:00Z", "2027-03-02T09:00:00Z"}, // 365 days
		"over a leap day":    {"2027-03-02T09:00:00Z", "2028-03-02T09:00:00Z"}, // 366 days
		"before a leap day":  {"2027-02-27T09:00:00Z", "2028-02-27T09:00:00Z"}, // 365 days
		"from a leap day on": {"2028-02-29T09:00:00Z", "2029-03-01T09:00:00Z"}, // there is no 29 February
	} {
		now, last := instant(t, c.now), instant(t, c.last)
		w := mandatetest.Open(t)
		w.Clock.Advance(now.Sub(mandatetest.Start))
		terms := mandatetest.Terms()
		terms.Until = last
		if m := w.Offered(t, mandatetest.Mother, terms).Mandate; !m.Until.Equal(last) {
			t.Errorf("%s: stands until %s", name, m.Until)
		}
		terms.Until = last.Add(time.Second)
		_, err := w.Offer(t.Context(), mandatetest.Self(mandatetest.Mother), terms)
		is(t, name+" and a second", err, fault.Invalid, "MANDATE_INVALID")
	}
}

func part(err error) string {
	if refusal, is := errors.AsType[*fault.Error](err); is {
		return refusal.Detail["part"]
	}
	return ""
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAPrincipalOverseesSoManyAndNoMore(t *testing.T) {
	w := mandatetest.Open(t)
	for i := range mandate.MostGiven {
		who := ids.SubjectID(fmt.Sprint("sub_helper_", i))
		w.Accounts.Add(who, "19800101")
		w.Given(t, mandatetest.Mother, who, mandatetest.Terms())
	}
	_, err := w.Offer(t.Context(), mandatetest.Self(mandatetest.Mother), mandatetest.Terms())
	is(t, "one more", err, fault.Conflict, "MANDATE_LIMIT")
}

package consent_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consenttest"
	"github.com/tongban/tongban/services/identity"
)

func zhang() ids.Actor { return ids.Actor{Subject: consenttest.Zhang} }

func TestAWithdrawalEndsTheConsentAndIsTold(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name())
	c := w.Give(t, ask, "name")
	w.Clock.Advance(time.Hour)
	for range 2 { // again is no failure, and not told again
		if err := w.Withdraw(t.Context(), zhang(), c.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := w.Claims(t.Context(), consenttest.Zhang, ask.App); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("claims: %v", err)
	}
	if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("grant: %v", err)
	}
	if !w.Changes.Has(changes.Revoked, changes.Consent(c.ID)) {
		t.Error("the change log does not say it")
	}
	want := consent.Withdrawn{Subject: consenttest.Zhang, App: ask.App, Consent: c.ID, At: consenttest.Start.Add(time.Hour)}
	if events := w.Outbox.Events(); len(events) != 1 || !reflect.DeepEqual(events[0], want) {
		t.Errorf("events %v", events)
	}
	list, _, err := w.List(t.Context(), consenttest.Zhang, consent.Page{})
	if err != nil || len(list) != 1 || !list[0].WithdrawnAt.Equal(consenttest.Start.Add(time.Hour)) {
		t.Errorf("list %+v, %v", list, err)
	}
	if again := w.Give(t, ask, "name"); again.ID == c.ID {
		t.Error("a withdrawn consent stood up again")
	}
}

func TestOnlyOnesOwnConsentCanBeWithdrawn(t *testing.T) {
	w := consenttest.Open(t)
	c := w.Give(t, consenttest.Ask(consenttest.Name()), "name")
	li := ids.Actor{Subject: "sub_li"}
	for name, err := range map[string]error{
		"whole":   w.Withdraw(t.Context(), li, c.ID),
		"field":   w.WithdrawClaims(t.Context(), li, c.ID, []string{"name"}),
		"unknown": w.Withdraw(t.Context(), zhang(), "con_unknown"),
	} {
		if fault.CodeOf(err) != "CONSENT_NOT_FOUND" || !fault.Is(err, fault.Private) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.History(t.Context(), "sub_li", c.ID); fault.CodeOf(err) != "CONSENT_NOT_FOUND" || !fault.Is(err, fault.Private) {
		t.Errorf("history: %v", err)
	}
	if got := claims(t, w, consenttest.Ask(consenttest.Name())); len(got) != 1 {
		t.Errorf("granted %v", got)
	}
}

func TestAFieldIsTakenBackWithoutLosingTheService(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone())
	c := w.Give(t, ask, "name", "phone_number")
	if err := w.WithdrawClaims(t.Context(), zhang(), c.ID, []string{"phone_number"}); err != nil {
		t.Fatal(err)
	}
	if got := claims(t, w, ask); !slices.Equal(got, []string{"name"}) {
		t.Errorf("granted %v", got)
	}
	if got := w.Missing(t, ask); len(got) != 0 {
		t.Errorf("asked again for %v", got)
	}
	if !w.Changes.Has(changes.Revoked, changes.Consent(c.ID)) {
		t.Error("tokens with the field go on")
	}
	want := consent.Withdrawn{Subject: consenttest.Zhang, App: ask.App, Consent: c.ID, Claims: []string{"phone_number"}, At: consenttest.Start}
	if events := w.Outbox.Events(); len(events) != 1 || !reflect.DeepEqual(events[0], want) {
		t.Errorf("events %v", events)
	}
}

func TestTakingBackANecessaryFieldIsAskedForAgain(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone())
	c := w.Give(t, ask, "name", "phone_number")
	if err := w.WithdrawClaims(t.Context(), zhang(), c.ID, []string{"name"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Grant(t.Context(), consenttest.Zhang, ask); fault.CodeOf(err) != "CONSENT_REQUIRED" {
		t.Errorf("grant: %v", err)
	}
	if got := w.Missing(t, ask); !slices.Equal(got, []string{"姓名"}) {
		t.Errorf("missing %v", got)
	}
}

func TestAFieldThatWasNotGivenCannotBeTakenBack(t *testing.T) {
	w := consenttest.Open(t)
	c := w.Give(t, consenttest.Ask(consenttest.Name(), consenttest.Phone()), "name")
	for name, fields := range map[string][]string{"declined": {"phone_number"}, "none": nil} {
		if err := w.WithdrawClaims(t.Context(), zhang(), c.ID, fields); fault.CodeOf(err) != "CONSENT_UNKNOWN_CLAIM" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Withdraw(t.Context(), zhang(), c.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.WithdrawClaims(t.Context(), zhang(), c.ID, []string{"name"}); fault.CodeOf(err) != "CONSENT_WITHDRAWN" || !fault.Is(err, fault.Conflict) {
		t.Errorf("withdrawn: %v", err)
	}
}

func TestWhatAPersonDidIsKept(t *testing.T) {
	w := consenttest.Open(t)
	ask := consenttest.Ask(consenttest.Name(), consenttest.Phone())
	c := w.Give(t, ask, "name", "phone_number")
	w.Give(t, ask, "name") // says nothing new
	if err := w.WithdrawClaims(t.Context(), zhang(), c.ID, []string{"phone_number"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Withdraw(t.Context(), zhang(), c.ID); err != nil {
		t.Fatal(err)
	}
	acts, err := w.History(t.Context(), consenttest.Zhang, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []consent.ActKind{}
	for _, a := range acts {
		kinds = append(kinds, a.Kind)
	}
	if !slices.Equal(kinds, []consent.ActKind{consent.Gave, consent.Narrowed, consent.Withdrew}) || acts[0].Version != c.Version {
		t.Fatalf("acts %v", kinds)
	}
}

func TestABadPageIsRefused(t *testing.T) {
	w := consenttest.Open(t)
	for p, code := range map[consent.Page]string{
		{Size: -1}:    "CONSENT_PAGE_INVALID",
		{Size: 101}:   "CONSENT_PAGE_INVALID",
		{After: "%"}:  "CONSENT_CURSOR_INVALID",
		{After: "MQ"}: "CONSENT_CURSOR_INVALID",
	} {
		if _, _, err := w.List(t.Context(), consenttest.Zhang, p); fault.CodeOf(err) != code {
			t.Errorf("%+v: %v, want %s", p, err, code)
		}
	}
}

func TestAClosedAccountsConsentsAreWithdrawnAndTold(t *testing.T) {
	w := consenttest.Open(t)
	c := w.Give(t, consenttest.Ask(consenttest.Name()), "name")
	other := consenttest.Ask(consenttest.Name())
	other.App = "cn.gov.demo.other"
	second := w.Give(t, other, "name")
	if err := w.Withdraw(t.Context(), zhang(), second.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a job may run again
		if err := w.AccountClosed(t.Context(), "evt_1", identity.AccountClosed{Subject: consenttest.Zhang}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := w.Claims(t.Context(), consenttest.Zhang, c.App); fault.CodeOf(err) != "CONSENT_REQUIRED" || !w.Changes.Has(changes.Revoked, changes.Consent(c.ID)) {
		t.Errorf("it stands: %v", err)
	}
	if n := len(w.Outbox.Events()); n != 2 {
		t.Errorf("%d withdrawals were told", n)
	}
	if acts, err := w.History(t.Context(), consenttest.Zhang, c.ID); err != nil || len(acts) != 2 {
		t.Errorf("the proof is gone: %+v, %v", acts, err)
	}
}

package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func detail(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Detail["part"]
	}
	return ""
}

func use(t *testing.T, w *identitytest.World, id ids.SessionID) error {
	t.Helper()
	return w.Units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := w.UseSession(ctx, u, id)
		return err
	})
}

func TestEndingASessionIsToldInTheSameUnit(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	actor := ids.Actor{Subject: in.Account.Subject}
	if err := w.EndSession(t.Context(), actor, in.Session.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Session(t.Context(), in.Session.ID); fault.CodeOf(err) != "SESSION_ENDED" || !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after its end: %v", err)
	}
	if !w.Changes.Has(changes.Revoked, changes.Session(in.Session.ID)) {
		t.Error("the change log does not say it")
	}
	if err := w.EndSession(t.Context(), actor, in.Session.ID); err != nil {
		t.Errorf("ending it again: %v", err)
	}
	want := identity.SessionEnded{Subject: in.Account.Subject, Session: in.Session.ID}
	if events := w.Outbox.Events(); len(events) != 2 || events[1] != want {
		t.Errorf("events %v", events)
	}
}

func TestOnlyOnesOwnSessionCanBeEnded(t *testing.T) {
	w := identitytest.Open(t)
	mine, other := w.SignIn(t, identitytest.Evidence()), w.SignIn(t, identitytest.Other())
	for name, c := range map[string]struct {
		actor ids.Actor
		id    ids.SessionID
		code  string
		kind  fault.Kind
	}{
		"another's": {ids.Actor{Subject: mine.Account.Subject}, other.Session.ID, "SESSION_NOT_FOUND", fault.Private},
		"unknown":   {ids.Actor{Subject: mine.Account.Subject}, "ses_unknown", "SESSION_NOT_FOUND", fault.Private},
		"acting":    {ids.Actor{Subject: mine.Account.Subject, By: other.Account.Subject}, mine.Session.ID, "ACTING_NOT_ALLOWED", fault.Forbidden},
	} {
		if err := w.EndSession(t.Context(), c.actor, c.id); fault.CodeOf(err) != c.code || !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range []ids.SessionID{mine.Session.ID, other.Session.ID} {
		if _, err := w.Session(t.Context(), s); err != nil {
			t.Errorf("a refused end ended: %v", err)
		}
	}
}

func TestASessionLapsesUnused(t *testing.T) {
	w := identitytest.Open(t)
	id := w.SignIn(t, identitytest.Evidence()).Session.ID
	w.Clock.Advance(identity.IdleLimit - time.Second)
	if err := use(t, w, id); err != nil {
		t.Fatalf("just before: %v", err)
	}
	w.Clock.Advance(identity.IdleLimit - time.Second)
	if _, err := w.Session(t.Context(), id); err != nil {
		t.Fatalf("its use did not prolong it: %v", err)
	}
	w.Clock.Advance(time.Second)
	if err := use(t, w, id); fault.CodeOf(err) != "SESSION_EXPIRED" || !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("at the limit: %v", err)
	}
}

func TestAUsedSessionLapsesToo(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	for range 6 {
		w.Clock.Advance(identity.AbsoluteLimit/6 - time.Second)
		if err := use(t, w, in.Session.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Advance(6 * time.Second)
	if _, err := w.Session(t.Context(), in.Session.ID); fault.CodeOf(err) != "SESSION_EXPIRED" {
		t.Fatalf("at the limit: %v", err)
	}
	if list, err := w.Sessions(t.Context(), ids.Actor{Subject: in.Account.Subject}); err != nil || len(list) != 0 {
		t.Fatalf("%d listed, %v", len(list), err)
	}
}

func TestEndAllEndsEverySessionOfOnePerson(t *testing.T) {
	w := identitytest.Open(t)
	a, b := w.SignIn(t, identitytest.Evidence()), w.SignIn(t, identitytest.Evidence())
	other := w.SignIn(t, identitytest.Other())
	if _, err := w.EndAll(t.Context(), ids.Actor{Subject: a.Account.Subject, By: other.Account.Subject}); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("acting: %v", err)
	}
	n, err := w.EndAll(t.Context(), ids.Actor{Subject: a.Account.Subject})
	if err != nil || n != 2 {
		t.Fatalf("ended %d, %v", n, err)
	}
	for _, s := range []ids.SessionID{a.Session.ID, b.Session.ID} {
		if err := use(t, w, s); fault.CodeOf(err) != "SESSION_ENDED" || !w.Changes.Has(changes.Revoked, changes.Session(s)) {
			t.Errorf("after the end: %v", err)
		}
	}
	if err := use(t, w, other.Session.ID); err != nil {
		t.Errorf("another's: %v", err)
	}
	if n, err = w.EndAll(t.Context(), ids.Actor{Subject: a.Account.Subject}); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
}

func TestABankAccountIsThePersonsToSet(t *testing.T) {
	w := identitytest.Open(t)
	subject := w.SignIn(t, identitytest.Evidence()).Account.Subject
	if err := w.SetBankAccount(t.Context(), ids.Actor{Subject: subject}, "9900 0000 0000 0000 001"); err != nil {
		t.Fatal(err)
	}
	a := w.SignIn(t, identitytest.Evidence()).Account
	if a.Profile.BankAccount != "9900000000000000001" {
		t.Error("it was not kept over a sign-in")
	}
	if err := w.SetBankAccount(t.Context(), ids.Actor{Subject: subject}, "IBAN"); fault.CodeOf(err) != "BANK_ACCOUNT_INVALID" {
		t.Errorf("words: %v", err)
	}
	if err := w.SetBankAccount(t.Context(), ids.Actor{Subject: subject, By: "sub_other"}, ""); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
		t.Errorf("acting: %v", err)
	}
	if m := a.Profile.Masked(); m.Name != "张**" || m.IDNumber != "1****************X" || m.Phone != "199****0001" {
		t.Error("the masks show too much")
	}
}

func TestADeviceKeyHasOneSessionPerPersonAndParty(t *testing.T) {
	w := identitytest.Open(t)
	on := func(e identity.Evidence, key string) identity.Session {
		t.Helper()
		in, err := w.SignedIn(t.Context(), e, identity.Device{Client: "tongban-mobile", Label: "测试手机", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if in.Session.Key != key {
			t.Fatalf("the session has the key %q", in.Session.Key)
		}
		return in.Session
	}
	first, otherPhone := on(identitytest.Evidence(), "k"), on(identitytest.Evidence(), "l")
	otherPerson, firm := on(identitytest.Other(), "k"), on(identitytest.ForEnterprise(), "k")
	bearer, bearerAgain := on(identitytest.Evidence(), ""), on(identitytest.Evidence(), "")
	changed := identitytest.Evidence()
	changed.Phone = "19900000009"
	again := on(changed, "k")
	if _, err := w.Session(t.Context(), first.ID); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("the former session of the key: %v", err)
	}
	if !w.Changes.Has(changes.Revoked, changes.Session(first.ID)) || !w.Changes.Has(changes.Changed, changes.Subject(again.Subject)) {
		t.Error("the change log does not say what happened")
	}
	for name, s := range map[string]identity.Session{
		"another phone": otherPhone, "another person": otherPerson, "the enterprise": firm, "no key": bearer, "no key again": bearerAgain, "the new one": again,
	} {
		if _, err := w.Session(t.Context(), s.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFormerSessionLeadsToTheOneThatTookItsPlace(t *testing.T) {
	w := identitytest.Open(t)
	on := func(e identity.Evidence, key string) identity.Session {
		t.Helper()
		in, err := w.SignedIn(t.Context(), e, identity.Device{Client: "tongban-mobile", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return in.Session
	}
	e, firm := identitytest.Evidence(), identitytest.ForEnterprise()
	other := identitytest.Other()
	other.Source, other.ExternalSub, other.For = firm.Source, "l-2", firm.For
	first, second, third := on(e, "k"), on(e, "k"), on(e, "k")
	otherPhone, bearer := on(e, "l"), on(e, "")
	otherPerson, mine, theirs := on(identitytest.Other(), "k"), on(firm, "k"), on(other, "k")
	leads := func(from, to identity.Session) {
		t.Helper()
		if got, err := w.LivingSession(t.Context(), from.ID); err != nil || got.ID != to.ID {
			t.Errorf("%s leads to %s, not %s: %v", from.ID, got.ID, to.ID, err)
		}
	}
	leads(first, third)
	leads(second, third)
	for _, itself := range []identity.Session{third, otherPhone, bearer, otherPerson, mine, theirs} {
		leads(itself, itself)
	}
	for _, ends := range []identity.Session{third, bearer, mine} {
		if err := w.EndSession(t.Context(), ends.Actor(), ends.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, over := range []identity.Session{first, third, bearer, mine, {ID: "ses_none"}} {
		if got, err := w.LivingSession(t.Context(), over.ID); fault.CodeOf(err) != "SESSION_ENDED" || !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s leads to %s: %v", over.ID, got.ID, err)
		}
	}
	leads(theirs, theirs)
	w.Clock.Advance(identity.IdleLimit)
	if _, err := w.LivingSession(t.Context(), otherPhone.ID); fault.CodeOf(err) != "SESSION_EXPIRED" {
		t.Errorf("unused: %v", err)
	}
	leads(otherPhone, on(e, "l"))
}

func TestARefusedSignInLeavesTheFormerSession(t *testing.T) {
	w := identitytest.Open(t)
	on := identity.Device{Client: "tongban-mobile", Key: "k"}
	in, err := w.SignedIn(t.Context(), identitytest.Evidence(), on)
	if err != nil {
		t.Fatal(err)
	}
	bad := identitytest.Evidence()
	bad.IDNumber = identitytest.Other().IDNumber
	if _, err := w.SignedIn(t.Context(), bad, on); err == nil {
		t.Fatal("a contradiction signed in")
	}
	if _, err := w.Session(t.Context(), in.Session.ID); err != nil {
		t.Errorf("it ended: %v", err)
	}
}

func TestASignInSaysWhetherItsDeviceIsNew(t *testing.T) {
	w := identitytest.Open(t)
	for i, c := range []struct {
		e   identity.Evidence
		key string
		new bool
	}{
		{identitytest.Evidence(), "k", false}, // the very first
		{identitytest.Evidence(), "k", false},
		{identitytest.Evidence(), "l", true},
		{identitytest.Evidence(), "l", false},
		{identitytest.ForEnterprise(), "l", false}, // the person's device, whoever it acts for
		{identitytest.ForEnterprise(), "m", true},
		{identitytest.Evidence(), "m", false},
		{identitytest.Other(), "m", false}, // another person's first
		{identitytest.Evidence(), "", true},
		{identitytest.Evidence(), "", false},
	} {
		if _, err := w.SignedIn(t.Context(), c.e, identity.Device{Client: "tongban-mobile", Key: c.key}); err != nil {
			t.Fatal(err)
		}
		events := w.Outbox.Events()
		for _, e := range slices.Backward(events) {
			if started, is := e.(identity.SessionStarted); is {
				if started.NewDevice != c.new {
					t.Errorf("sign-in %d by %q: new %v", i, c.key, started.NewDevice)
				}
				break
			}
		}
	}
}

func TestAnEndedSessionStillNamesItsDevice(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	if err := w.EndSession(t.Context(), in.Session.Actor(), in.Session.ID); err != nil {
		t.Fatal(err)
	}
	if label, err := w.DeviceOf(t.Context(), in.Session.ID); err != nil || label != identitytest.Phone.Label {
		t.Errorf("%q, %v", label, err)
	}
	if _, err := w.DeviceOf(t.Context(), "ses_none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func TestADeviceIsCalledAsItsPersonNamedIt(t *testing.T) {
	w := identitytest.Open(t)
	on := identity.Device{Client: "tongban-mobile", Label: "手机网页", Key: "key-1"}
	again := func() identity.SignIn {
		t.Helper()
		in, err := w.SignedIn(t.Context(), identitytest.Evidence(), on)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	in := again()
	other := w.SignIn(t, identitytest.Other())
	actor := in.Session.Actor()
	called := func(want string) {
		t.Helper()
		list, err := w.Sessions(t.Context(), actor)
		if err != nil || len(list) != 1 || list[0].Device != want {
			t.Errorf("%+v, %v", list, err)
		}
	}
	if err := w.NameDevice(t.Context(), actor, in.Session.ID, "  客厅的平板"+strings.Repeat("！", 100)); err != nil {
		t.Fatal(err)
	}
	long := "客厅的平板" + strings.Repeat("！", 55)
	called(long)
	again()
	called(long)
	for who, by := range map[string]ids.Actor{
		"another":          other.Session.Actor(),
		"by a mandate":     {Subject: actor.Subject, By: other.Account.Subject, Mandate: "man_1"},
		"a sign-in of old": actor,
	} {
		if err := w.NameDevice(t.Context(), by, in.Session.ID, "x"); fault.CodeOf(err) != "SESSION_NOT_FOUND" && fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%s: %v", who, err)
		}
	}
	called(long)
	now, err := w.Sessions(t.Context(), actor)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.NameDevice(t.Context(), actor, now[0].ID, " "); err != nil {
		t.Fatal(err)
	}
	called("手机网页")
}

func TestASessionIsWorthNothingUntilItIsOpened(t *testing.T) {
	w := identitytest.Open(t)
	begin := func() ids.SessionID {
		t.Helper()
		in, err := w.Service.SignedIn(t.Context(), identitytest.Evidence(), identitytest.Phone)
		if err != nil {
			t.Fatal(err)
		}
		return in.Session.ID
	}
	id := begin()
	if events := w.Outbox.Events(); len(events) != 0 {
		t.Errorf("told of before it is opened: %v", events)
	}
	if _, err := w.Session(t.Context(), id); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("read as open: %v", err)
	}
	if _, err := w.BegunSession(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, err := w.Opened(t.Context(), id); err != nil || len(w.Outbox.Events()) != 1 {
		t.Errorf("%v, %d events", err, len(w.Outbox.Events()))
	}
	if _, err := w.Session(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, err := w.Opened(t.Context(), id); fault.CodeOf(err) != "SESSION_ENDED" || len(w.Outbox.Events()) != 1 {
		t.Errorf("opened twice: %v", err)
	}
	id = begin()
	w.Clock.Advance(10 * time.Minute)
	if _, err := w.Opened(t.Context(), id); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("opened ten minutes late: %v", err)
	}
	w.Clock.Advance(time.Second)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeviceOf(t.Context(), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("what nobody opened is kept: %v", err)
	}
}

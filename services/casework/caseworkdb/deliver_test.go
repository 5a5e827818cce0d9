package caseworkdb_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworktest"
	"github.com/tongban/tongban/services/province"
)

func (w *world) deliver(t *testing.T, c casework.Case) error {
	t.Helper()
	return w.Deliver(t.Context(), "evt_1", casework.EventCaseSubmitted{Subject: c.Subject, Case: c.ID, App: c.App})
}

// demand: D02
func TestADeliveryEndsWithTheProvincesReceipt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		if err := w.deliver(t, c); err != nil {
			t.Fatal(err)
		}
		got := w.state(t, c.ID)
		if got.Receipt != "豫受-1" || got.State != casework.Submitted {
			t.Errorf("receipt %q, state %s", got.Receipt, got.State)
		}
		ask := w.provinces.Effects[string(c.ID)]
		if ask.App != henan || ask.Capability != "case.submit" || ask.Input["case"] != string(c.ID) || ask.Person.IDNumber == "" {
			t.Errorf("the province was asked %+v", ask)
		}
	})
}

// The province acts once, however often the wire needs.
func TestADeliveryIsRetriedAndEffectiveOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		down := fault.New("fake", fault.Unavailable, "SOURCE_DOWN")
		w.provinces.Failures, w.provinces.Lost = []error{down}, []error{down}
		for try := range 2 {
			if err := w.deliver(t, c); !fault.Is(err, fault.Unavailable) {
				t.Fatalf("try %d: %v", try, err)
			}
		}
		for range 2 { // the job, and the job again
			if err := w.deliver(t, c); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.provinces.Sent[string(c.ID)]; n != 3 {
			t.Errorf("%d calls: a delivered case was sent again, or a failed one was not", n)
		}
		if len(w.provinces.Effects) != 1 || w.state(t, c.ID).Receipt != "豫受-1" {
			t.Errorf("%d effects, receipt %q", len(w.provinces.Effects), w.state(t, c.ID).Receipt)
		}
	})
}

func TestASubmissionTheProvinceCallsInvalidIsRefusedAndNotRetried(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		w.provinces.Failures = []error{fault.New("fake", fault.Invalid, "SOURCE_REFUSED").With("reason", "就医地不在名录")}
		for range 2 {
			if err := w.deliver(t, c); err != nil {
				t.Fatal(err)
			}
		}
		got := w.state(t, c.ID)
		if got.State != casework.Refused || !strings.Contains(got.Note, "就医地不在名录") || w.provinces.Sent[string(c.ID)] != 1 {
			t.Errorf("state %s, note %q, %d calls", got.State, got.Note, w.provinces.Sent[string(c.ID)])
		}
		if told := w.told.Moves(c.ID); !slices.Equal(told, []casework.State{casework.Refused}) {
			t.Errorf("told %v", told)
		}
	})
}

// A failure that is not the province's word must neither refuse the person nor
// end the job, whatever its kind.
func TestADeliveryThatCannotBeMadeStaysOwed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		for _, kind := range []fault.Kind{fault.Invalid, fault.NotFound, fault.Forbidden, fault.Internal} {
			w.provinces.Failures = []error{fault.New("fake", kind, "X")}
			wantCode(t, w.deliver(t, c), fault.Unavailable, "DELIVERY_FAILED")
		}
		if got := w.state(t, c.ID).State; got != casework.Submitted {
			t.Errorf("state %s", got)
		}
	})
}

func TestACaseThatMovesAlreadyIsNotRefusedByALateAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		if err := w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "e1", 1, casework.Accepted)); err != nil {
			t.Fatal(err)
		}
		w.provinces.Failures = []error{fault.New("fake", fault.Invalid, "SOURCE_REFUSED").With("reason", "重复")}
		if err := w.deliver(t, c); err != nil {
			t.Fatal(err)
		}
		if got := w.state(t, c.ID).State; got != casework.Accepted {
			t.Errorf("state %s", got)
		}
	})
}

// demand: D03
func TestRoamingGathersTheProvincesOwnLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := caseworktest.Start
		row := func(number, updated string) any {
			return map[string]any{"number": number, "title": "失业登记", "state": "ACCEPTED", "updated_at": updated}
		}
		w.provinces.Lists = map[ids.AppID]province.Reading{henan: {Freshness: province.Live, AsOf: at, Value: map[string]any{
			"cases": []any{row("豫1", "2026-02-01T08:00:00+08:00"), map[string]any{"number": "broken"}, row("豫2", "2026-02-02T08:00:00+08:00")},
		}}}
		got, err := w.Roaming(t.Context(), zhang)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Cases) != 2 || got.Cases[0].Number != "豫2" || got.Cases[1].Number != "豫1" || got.Cases[0].Province != "410000" {
			t.Errorf("cases %+v", got.Cases)
		}
		states := map[ids.AppID]string{}
		for _, s := range got.Sources {
			states[s.App] = string(s.Freshness) + " " + s.Reason
		}
		want := map[ids.AppID]string{
			"cn.gov.demo.reads": "UNAVAILABLE SOURCE_DOWN", shanghai: "UNAVAILABLE SOURCE_DOWN",
			henan: "LIVE SOURCE_ANSWER_INVALID", // one row of three can't be read, and that is said
		}
		for app, state := range want {
			if states[app] != state {
				t.Errorf("%s is %q, want %q", app, states[app], state)
			}
		}
	})
}

// li merely states zhang's ID number.
func TestAMerelyStatedNumberOpensNoProvincesList(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	got, err := w.Roaming(t.Context(), li)
	if err != nil || len(got.Cases)+len(got.Sources) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMineGoesOnWhereThePageEnded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var made, seen []ids.CaseID
		for _, key := range []string{"a", "b", "c"} {
			made = append(made, w.submit(t, key).ID)
			w.clock.Advance(time.Second)
		}
		slices.Reverse(made)
		page := casework.Page{First: 2}
		for range 2 {
			got, err := w.Mine(t.Context(), zhang, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range got.Cases {
				seen = append(seen, c.ID)
			}
			page.After = got.Next
		}
		if !slices.Equal(seen, made) || page.After != "" {
			t.Errorf("saw %v of %v, then %q", seen, made, page.After)
		}
		if got, err := w.Mine(t.Context(), li, casework.Page{}); err != nil || len(got.Cases) != 0 {
			t.Errorf("another's list: %d, %v", len(got.Cases), err)
		}
	})
}

func TestAPageThatIsNotOursIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, p := range []casework.Page{{First: 101}, {First: -1}, {After: "!"}, {After: "MTIz"}} {
			if _, err := w.Mine(t.Context(), zhang, p); fault.CodeOf(err) != "PAGE_MALFORMED" {
				t.Errorf("%+v: %v", p, err)
			}
		}
	})
}

func TestAnothersCaseIsAsIfItWereNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		_, theirs := w.Case(t.Context(), li, c.ID)
		_, none := w.Case(t.Context(), li, "TB0")
		var a, b *fault.Error
		if !errors.As(theirs, &a) || !errors.As(none, &b) || a.Kind != fault.Private || a.Kind != b.Kind || a.Code != b.Code {
			t.Errorf("another's: %v, none: %v", theirs, none)
		}
	})
}

func TestWhoActsForAnotherIsRefusedWithoutAMandate(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	c := w.submit(t, "key-1")
	acting := ids.Actor{Subject: zhang.Subject, By: li.Subject}
	_, submit := w.Submit(t.Context(), acting, submission("key-2"))
	_, repeated := w.Repeated(t.Context(), acting, submission("key-1"))
	_, mine := w.Mine(t.Context(), acting, casework.Page{})
	_, one := w.Case(t.Context(), acting, c.ID)
	_, roaming := w.Roaming(t.Context(), acting)
	for i, err := range []error{submit, repeated, mine, one, roaming} {
		if !fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// A mandate opens what it names, and by it nothing else.
//
// demand: D34
func TestADelegateHandlesWhatTheMandateNames(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		delegate := func(scopes ...ids.Scope) ids.Actor {
			return ids.Actor{Subject: zhang.Subject, By: li.Subject, Mandate: "man_1", Scopes: ids.ScopesOf(scopes...)}
		}
		c, err := w.Submit(t.Context(), delegate(ids.ScopeMatter(filing)), submission("key-1"))
		if err != nil || c.By != li.Subject || c.Mandate != "man_1" {
			t.Fatalf("%+v, %v", c, err)
		}
		if got, err := w.Case(t.Context(), delegate(ids.ScopeMatter(filing)), c.ID); err != nil || got.Mandate != "man_1" {
			t.Errorf("its case: %+v, %v", got, err)
		}
		if _, err := w.Mine(t.Context(), delegate(ids.ScopeSpace), casework.Page{}); err != nil {
			t.Errorf("the list: %v", err)
		}
		if _, err := w.Case(t.Context(), delegate(ids.ScopeSpace), c.ID); err != nil {
			t.Errorf("a case of the list: %v", err)
		}
		_, err = w.Case(t.Context(), delegate(ids.ScopeMatter("marriage")), c.ID)
		if !fault.Is(err, fault.Private) || fault.CodeOf(err) != "CASE_UNKNOWN" {
			t.Errorf("another matter's case: %v", err)
		}
		_, other := w.Submit(t.Context(), delegate(ids.ScopeMatter("marriage"), ids.ScopeSpace), submission("key-2"))
		_, mine := w.Mine(t.Context(), delegate(ids.ScopeMatter("*")), casework.Page{})
		_, roaming := w.Roaming(t.Context(), delegate(ids.ScopeMatter("*")))
		_, pay := w.Pay(t.Context(), delegate(ids.ScopeSpace), c.ID)
		_, nothing := w.Case(t.Context(), delegate(ids.ScopeLicence), c.ID)
		for i, err := range []error{other, mine, roaming, pay, nothing} {
			if !fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

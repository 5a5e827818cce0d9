package elderly_test

import (
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/miniapp"
)

// confirmed gives the button that agrees to a matter.
func (w *world) confirmed(kind elderly.Kind, said ...elderly.Said) elderly.Button {
	w.t.Helper()
	s, err := w.service().Step(w.t.Context(), person, kind, said)
	if err != nil || s.Kind != elderly.Confirm {
		w.t.Fatalf("%+v %v", s, err)
	}
	return s.Buttons[0]
}

func doing(b elderly.Button, key string) elderly.Doing {
	return elderly.Doing{Kind: b.Matter, Said: b.Said, Version: b.Version, IdempotencyKey: key}
}

func TestWhatWasReadIsHandedInOnce(t *testing.T) {
	w := newWorld(t)
	yes := w.confirmed(elderly.Appointment, elderly.Said{Name: "region", Value: "410000"}, elderly.Said{Name: "hospital", Value: "示例医院"},
		elderly.Said{Name: "department", Value: "眼科"}, elderly.Said{Name: "visit_date", Value: "2026-11-24"}, elderly.Said{Name: "visit_time", Value: "14:00"})
	first, err := w.service().Do(t.Context(), person, doing(yes, "k1"))
	if err != nil || first.Kind != elderly.Receipt || len(w.handed) != 1 {
		t.Fatalf("%+v %v", first, err)
	}
	want := map[string]string{"hospital": "示例医院", "department": "眼科", "visit_date": "2026-11-24", "visit_time": "14:00"}
	for name, value := range want {
		if got := w.handed[0].Fields[name]; got != value || len(w.handed[0].Fields) != len(want) || w.handed[0].Region != henan {
			t.Errorf("%s is %q of %+v", name, got, w.handed[0])
		}
	}
	w.answers[miniapp.CapSlots]["slots"] = []any{} // it is ours by now
	again, err := w.service().Do(t.Context(), person, doing(yes, "k1"))
	if err != nil || again.Case != first.Case || len(w.handed) != 1 {
		t.Errorf("a repeat gave %+v, %v; handed in %d times", again, err, len(w.handed))
	}
}

func TestWhatChangedIsReadAgain(t *testing.T) {
	w := newWorld(t)
	yes := w.confirmed(elderly.Payment)
	w.answers["bill.social-security-payment"]["amount"] = "500.00"
	s, err := w.service().Do(t.Context(), person, doing(yes, "k1"))
	if err != nil || s.Kind != elderly.Confirm || s.Title != "要缴500元" || len(w.handed) != 0 {
		t.Fatalf("%+v %v; handed in %d times", s, err, len(w.handed))
	}
	if s, err = w.service().Do(t.Context(), person, doing(s.Buttons[0], "k1")); err != nil || s.Kind != elderly.Pay || s.Buttons[0].URL != w.cashier {
		t.Errorf("%+v %v", s, err)
	}
}

func TestWithoutAgreementNothingGoesOut(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []elderly.Kind{elderly.Payment, elderly.Qualification} {
		yes := w.confirmed(kind)
		for _, version := range []string{"", "x", yes.Version + "x"} {
			d := doing(yes, "k")
			d.Version = version
			if s, err := w.service().Do(t.Context(), person, d); err != nil || s.Kind != elderly.Confirm {
				t.Errorf("%+v %v", s, err)
			}
		}
	}
	if len(w.handed) != 0 {
		t.Errorf("%+v", w.handed)
	}
}

func TestALowLevelSignInProvesNoFace(t *testing.T) {
	w := newWorld(t)
	low := person
	low.Level = 3
	s, err := w.service().Step(t.Context(), low, elderly.Qualification, nil)
	if err != nil || s.Step != "face" {
		t.Fatalf("%+v %v", s, err)
	}
	s, err = w.service().Do(t.Context(), low, doing(w.confirmed(elderly.Qualification), "k"))
	if err != nil || s.Step != "face" || len(w.handed) != 0 {
		t.Errorf("%+v %v", s, err)
	}
	low.Level = 2
	if _, err = w.service().Do(t.Context(), low, elderly.Doing{Kind: elderly.MyLicences, Said: []elderly.Said{{Name: "licence", Value: "lic_card"}}}); fault.CodeOf(err) != "LEVEL_TOO_LOW" {
		t.Errorf("a licence is shown at level 2: %v", err)
	}
}

func TestAnswersThatNoButtonGaveAreRefused(t *testing.T) {
	w := newWorld(t)
	many := []elderly.Said{}
	for _, name := range "abcdefghijk" {
		many = append(many, elderly.Said{Name: string(name), Value: "1"})
	}
	long := make([]rune, 101)
	for i := range long {
		long[i] = '长'
	}
	for name, said := range map[string][]elderly.Said{
		"too many": many, "twice": {{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}, "too long": {{Name: "a", Value: string(long)}},
		"no name": {{Value: "1"}}, "a bad name": {{Name: "A-1", Value: "1"}}, "no value": {{Name: "a"}}, "a null": {{Name: "a", Value: "\x00"}},
	} {
		if _, err := w.service().Step(t.Context(), person, elderly.Appointment, said); fault.CodeOf(err) != "EASY_ANSWER_INVALID" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, kind := range []elderly.Kind{elderly.Filing, elderly.Appointment, elderly.Medical, elderly.Help} {
		if _, err := w.service().Do(t.Context(), person, elderly.Doing{Kind: kind, IdempotencyKey: "k"}); fault.CodeOf(err) != "EASY_ANSWER_INVALID" {
			t.Errorf("%s with nothing said: %v", kind, err)
		}
	}
	if _, err := w.service().Step(t.Context(), person, elderly.Payment, []elderly.Said{{Name: "case", Value: "TBother"}}); !fault.Is(err, fault.Private) {
		t.Errorf("another's case: %v", err)
	}
}

// A bill on two phones, each with a key of its own, is one case.
//
// demand: D58
func TestABillIsOneCaseWhateverThePhone(t *testing.T) {
	w := newWorld(t)
	one, other := w.confirmed(elderly.Payment), w.confirmed(elderly.Payment)
	first, err := w.service().Do(t.Context(), person, doing(one, "phone-1"))
	if err != nil || first.Kind != elderly.Pay {
		t.Fatalf("%+v %v", first, err)
	}
	cases := w.cases
	w.cases = nil // the other phone asked before the first was stored
	w.stored = cases
	second, err := w.service().Do(t.Context(), person, doing(other, "phone-2"))
	if err != nil || second.Case != first.Case || len(w.handed) != 1 {
		t.Errorf("%+v %v; handed in %d times", second, err, len(w.handed))
	}
	w.cases = cases
	if s, err := w.service().Step(t.Context(), person, elderly.Payment, nil); err != nil || s.Kind != elderly.Receipt || s.Title != "还没付钱" {
		t.Errorf("%+v %v", s, err)
	}
	w.cases[0].State = "CLOSED"
	third, err := w.service().Do(t.Context(), person, doing(other, "phone-2"))
	if err != nil || third.Case == first.Case || len(w.handed) != 2 {
		t.Errorf("what lapsed can't be tried again: %+v %v", third, err)
	}
}

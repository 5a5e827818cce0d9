package caseworktest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

// RunStore checks that a store keeps casework.Store's promises. open gives a
// fresh, empty store each time.
func RunStore(t *testing.T, open func(t *testing.T) (casework.Store, unit.Runner)) {
	for name, f := range map[string]func(t *testing.T, s casework.Store, units unit.Runner){
		"a case comes back whole":                         comesBackWhole,
		"an unknown case is not found":                    unknownCase,
		"a move changes where a case stands, and no more": movesOnly,
		"a key is one case's":                             keyOnce,
		"a key of another subject is another key":         keyPerSubject,
		"an undone unit leaves the key free":              keyUndone,
		"an event is kept once":                           eventOnce,
		"events come by their number":                     eventOrder,
		"a list is the subject's own, newest first":       newest,
		"a list goes on after its cursor":                 pages,
	} {
		t.Run(name, func(t *testing.T) {
			s, units := open(t)
			f(t, s, units)
		})
	}
}

func do(t *testing.T, units unit.Runner, f func(ctx context.Context, u unit.Unit) error) {
	t.Helper()
	if err := units.Do(t.Context(), f); err != nil {
		t.Fatalf("unit: %v", err)
	}
}

func insert(t *testing.T, s casework.Store, units unit.Runner, cases ...casework.Case) {
	t.Helper()
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, c := range cases {
			if err := s.Insert(ctx, u, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func comesBackWhole(t *testing.T, s casework.Store, units unit.Runner) {
	want := Case("sub_a", "TB1")
	want.By, want.Mandate, want.Note, want.ReviewPoint, want.Receipt, want.Seq = "sub_b", "man_1", "请补正", "审查要点 1", "豫2026-1", 3
	insert(t, s, units, want)
	got, err := s.Case(t.Context(), "TB1")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
}

func unknownCase(t *testing.T, s casework.Store, units unit.Runner) {
	if _, err := s.Case(t.Context(), "TB0"); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "CASE_UNKNOWN" {
		t.Errorf("Case: %v", err)
	}
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := s.Lock(ctx, u, "TB0")
		return err
	})
	if fault.CodeOf(err) != "CASE_UNKNOWN" {
		t.Errorf("Lock: %v", err)
	}
}

func movesOnly(t *testing.T, s casework.Store, units unit.Runner) {
	want := Case("sub_a", "TB1")
	insert(t, s, units, want, Case("sub_a", "TB2"))
	want.State, want.Seq, want.Note, want.ReviewPoint, want.Receipt = casework.Correction, 2, "补", "审查要点 2", "R1"
	want.UpdatedAt = Start.Add(time.Hour)
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		c, err := s.Lock(ctx, u, "TB1")
		if err != nil {
			return err
		}
		c.State, c.Seq, c.Note, c.ReviewPoint, c.Receipt, c.UpdatedAt = want.State, want.Seq, want.Note, want.ReviewPoint, want.Receipt, want.UpdatedAt
		c.ItemName, c.App = "另一事项", "another" // not a move's to change
		return s.Move(ctx, u, c)
	})
	if got, err := s.Case(t.Context(), "TB1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.Case(t.Context(), "TB2"); err != nil || got.State != casework.Submitted {
		t.Errorf("the other case moved: %v %v", got.State, err)
	}
}

func claim(subject ids.SubjectID, id ids.CaseID) casework.Claim {
	return casework.Claim{Subject: subject, Key: "k", Fingerprint: "f-" + string(id), Case: id, At: Start}
}

func keyOnce(t *testing.T, s casework.Store, units unit.Runner) {
	if _, err := s.Claimed(t.Context(), "sub_a", "k"); fault.CodeOf(err) != "IDEMPOTENCY_KEY_NEW" || !fault.Is(err, fault.NotFound) {
		t.Fatalf("a new key: %v", err)
	}
	for _, id := range []ids.CaseID{"TB1", "TB2"} {
		do(t, units, func(ctx context.Context, u unit.Unit) error {
			got, err := s.Claim(ctx, u, claim("sub_a", id))
			if err == nil && got != claim("sub_a", "TB1") {
				t.Errorf("claim for %s gives %+v", id, got)
			}
			return err
		})
	}
	if got, err := s.Claimed(t.Context(), "sub_a", "k"); err != nil || got != claim("sub_a", "TB1") {
		t.Errorf("claimed: %+v %v", got, err)
	}
}

func keyPerSubject(t *testing.T, s casework.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		_, err := s.Claim(ctx, u, claim("sub_a", "TB1"))
		return err
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		got, err := s.Claim(ctx, u, claim("sub_b", "TB2"))
		if got.Case != "TB2" {
			t.Errorf("the key of another subject gives %s", got.Case)
		}
		return err
	})
}

func keyUndone(t *testing.T, s casework.Store, units unit.Runner) {
	_ = units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := s.Claim(ctx, u, claim("sub_a", "TB1"))
		return errors.Join(err, errors.New("undo"))
	})
	if _, err := s.Claimed(t.Context(), "sub_a", "k"); fault.CodeOf(err) != "IDEMPOTENCY_KEY_NEW" {
		t.Fatalf("the key stayed taken: %v", err)
	}
}

func addEvent(s casework.Store, units unit.Runner, ctx context.Context, e casework.Event) error {
	return units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.AddEvent(ctx, u, "sub_a", e) })
}

func eventOnce(t *testing.T, s casework.Store, units unit.Runner) {
	first := Event("TB1", "e1", 1, casework.Correction)
	first.Told = true
	if err := addEvent(s, units, t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := first
	again.Note = "other words"
	if err := addEvent(s, units, t.Context(), again); fault.CodeOf(err) != "CASE_EVENT_KNOWN" || !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	if err := addEvent(s, units, t.Context(), Event("TB2", "e1", 1, casework.Received)); err != nil {
		t.Errorf("the same id at another case: %v", err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		n, err := s.CountEvents(ctx, u, "sub_a", "TB1")
		if n != 1 {
			t.Errorf("counted %d", n)
		}
		return err
	})
	got, err := s.Events(t.Context(), "sub_a", "TB1")
	if err != nil || !reflect.DeepEqual(got, []casework.Event{first}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func eventOrder(t *testing.T, s casework.Store, units unit.Runner) {
	for _, e := range []casework.Event{Event("TB1", "c", 3, casework.Done), Event("TB1", "a", 1, casework.Received), Event("TB1", "b", 2, casework.Accepted)} {
		if err := addEvent(s, units, t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Events(t.Context(), "sub_a", "TB1")
	if err != nil || len(got) != 3 || got[0].ID != "a" || got[1].ID != "b" || got[2].ID != "c" {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func newest(t *testing.T, s casework.Store, units unit.Runner) {
	old, late := Case("sub_a", "TB1"), Case("sub_a", "TB2")
	late.CreatedAt = Start.Add(time.Minute)
	insert(t, s, units, old, Case("sub_b", "TB3"), late)
	got, err := s.Newest(t.Context(), "sub_a", casework.Cursor{}, 10)
	if want := []ids.CaseID{"TB2", "TB1"}; err != nil || !slices.Equal(numbers(got), want) {
		t.Fatalf("got %v, %v; want %v", numbers(got), err, want)
	}
}

func pages(t *testing.T, s casework.Store, units unit.Runner) {
	for _, id := range []ids.CaseID{"TB1", "TB2", "TB3"} { // all at one time: the number decides
		insert(t, s, units, Case("sub_a", id))
	}
	var seen []ids.CaseID
	after := casework.Cursor{}
	for range 4 {
		got, err := s.Newest(t.Context(), "sub_a", after, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		seen = append(seen, got[0].ID)
		after = casework.Cursor{At: got[0].CreatedAt, Case: got[0].ID}
	}
	if want := []ids.CaseID{"TB3", "TB2", "TB1"}; !slices.Equal(seen, want) {
		t.Fatalf("walked %v, want %v", seen, want)
	}
}

func numbers(cases []casework.Case) []ids.CaseID {
	out := []ids.CaseID{}
	for _, c := range cases {
		out = append(out, c.ID)
	}
	return out
}

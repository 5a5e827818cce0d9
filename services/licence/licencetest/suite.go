package licencetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/licence"
)

// RunStore checks that a store keeps licence.Store's promises. open gives a
// fresh, empty store each time.
func RunStore(t *testing.T, open func(t *testing.T) (licence.Store, unit.Runner)) {
	for name, f := range map[string]func(s suite){
		"a code is found whole, as often as one looks":             foundWhole,
		"a code works once":                                        worksOnce,
		"a third code ends the first":                              thirdEndsFirst,
		"redeeming one ends both":                                  redeemEndsBoth,
		"groups do not touch each other":                           groupsApart,
		"a code lapses":                                            codeLapses,
		"an undone unit leaves the code":                           undone,
		"a code works again after all ended":                       issuedAgain,
		"a check comes back whole":                                 checkWhole,
		"a check moves from its state once":                        movesOnce,
		"what waits is the subject's own, oldest first, and young": waiting,
		"a sweep takes what is old and nothing else":               sweeps,
	} {
		t.Run(name, func(t *testing.T) {
			s, units := open(t)
			f(suite{t, s, units})
		})
	}
}

type suite struct {
	*testing.T
	licence.Store
	units unit.Runner
}

func (s suite) do(f func(ctx context.Context, u unit.Unit) error) {
	s.Helper()
	if err := s.units.Do(s.Context(), f); err != nil {
		s.Fatalf("unit: %v", err)
	}
}

func (s suite) issue(codes ...licence.Code) {
	s.Helper()
	for _, c := range codes {
		s.do(func(ctx context.Context, u unit.Unit) error { return s.Issue(ctx, u, c) })
	}
}

// redeem tells whether the code worked; since is a minute before Start.
func (s suite) redeem(hash string) bool {
	s.Helper()
	err := s.units.Do(s.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := s.Redeem(ctx, u, hash, Start.Add(-time.Minute))
		return err
	})
	if err != nil && (!fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "SHOW_CODE_INVALID") {
		s.Fatalf("redeem: %v", err)
	}
	return err == nil
}

func (s suite) found(hash string, since time.Time) bool {
	s.Helper()
	_, err := s.Find(s.Context(), hash, since)
	if err != nil && fault.CodeOf(err) != "SHOW_CODE_INVALID" {
		s.Fatalf("find: %v", err)
	}
	return err == nil
}

func foundWhole(s suite) {
	s.issue(Code("sub_a", "h1"))
	for range 3 {
		got, err := s.Find(s.Context(), "h1", Start.Add(-time.Minute))
		if err != nil || got.Subject != "sub_a" || got.Group != "g-sub_a" || !reflect.DeepEqual(got.Shown, Shown()) {
			s.Fatalf("%+v %v", got, err)
		}
	}
	if s.found("h2", Start.Add(-time.Minute)) {
		s.Error("a code that was never issued was found")
	}
	if !s.redeem("h1") {
		s.Error("looking used the code up")
	}
}

func worksOnce(s suite) {
	s.issue(Code("sub_a", "h1"))
	if !s.redeem("h1") || s.redeem("h1") || s.found("h1", Start.Add(-time.Minute)) {
		s.Error("not once")
	}
}

func thirdEndsFirst(s suite) {
	s.issue(Code("sub_a", "h1"), Code("sub_a", "h2"), Code("sub_a", "h3"))
	if s.found("h1", Start.Add(-time.Minute)) || s.redeem("h1") {
		s.Error("the first lives")
	}
	if !s.found("h2", Start.Add(-time.Minute)) || !s.found("h3", Start.Add(-time.Minute)) || !s.redeem("h2") {
		s.Error("the newest two do not both live")
	}
}

func redeemEndsBoth(s suite) {
	s.issue(Code("sub_a", "h1"), Code("sub_a", "h2"))
	if !s.redeem("h1") || s.redeem("h2") {
		s.Error("the other one lives")
	}
}

func groupsApart(s suite) {
	other := Code("sub_a", "h2")
	other.Group = "another"
	s.issue(Code("sub_a", "h1"), other, Code("sub_b", "h3"), Code("sub_b", "h4"))
	for _, hash := range []string{"h1", "h2", "h3"} {
		if !s.redeem(hash) {
			s.Errorf("%s does not work", hash)
		}
	}
}

func codeLapses(s suite) {
	late := Code("sub_a", "h2")
	late.IssuedAt = Start.Add(30 * time.Second)
	s.issue(Code("sub_a", "h1"), late)
	for since, want := range map[time.Time][2]bool{
		Start.Add(-time.Microsecond): {true, true}, Start: {false, true}, late.IssuedAt: {false, false},
	} {
		if got := [2]bool{s.found("h1", since), s.found("h2", since)}; got != want {
			s.Errorf("since %v: %v", since, got)
		}
	}
}

func undone(s suite) {
	s.issue(Code("sub_a", "h1"), Code("sub_a", "h2"))
	_ = s.units.Do(s.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := s.Redeem(ctx, u, "h1", Start.Add(-time.Minute))
		return errors.Join(err, errors.New("undo"))
	})
	if !s.redeem("h2") {
		s.Error("a redemption that was undone used the code up")
	}
}

func issuedAgain(s suite) {
	s.issue(Code("sub_a", "h1"))
	if !s.redeem("h1") {
		s.Fatal("h1")
	}
	s.issue(Code("sub_a", "h2"))
	if s.redeem("h1") || !s.redeem("h2") {
		s.Error("the new code does not stand alone")
	}
}

func (s suite) put(checks ...licence.Check) {
	s.Helper()
	for _, c := range checks {
		s.do(func(ctx context.Context, u unit.Unit) error { return s.Put(ctx, u, c) })
	}
}

func checkWhole(s suite) {
	want := Check("sub_a", "chk_1")
	s.put(want)
	if got, err := s.Check(s.Context(), "chk_1"); err != nil || !reflect.DeepEqual(got, want) {
		s.Errorf("%+v %v", got, err)
	}
	if _, err := s.Check(s.Context(), "chk_2"); fault.CodeOf(err) != "CHECK_UNKNOWN" || !fault.Is(err, fault.NotFound) {
		s.Error(err)
	}
}

func (s suite) move(m licence.Move) string {
	s.Helper()
	err := s.units.Do(s.Context(), func(ctx context.Context, u unit.Unit) error { return s.Move(ctx, u, m) })
	if err == nil {
		return ""
	}
	return fault.CodeOf(err)
}

func movesOnce(s suite) {
	s.put(Check("sub_a", "chk_1"))
	step := licence.Move{Subject: "sub_a", Check: "chk_1", From: licence.CheckWaiting, To: licence.CheckApproved, At: Start.Add(time.Second)}
	foreign := step
	foreign.Subject = "sub_b"
	if code := s.move(foreign); code != "CHECK_MOVED" {
		s.Errorf("another's: %s", code)
	}
	if code := s.move(step); code != "" {
		s.Errorf("first: %s", code)
	}
	step.To = licence.CheckRefused
	if code := s.move(step); code != "CHECK_MOVED" {
		s.Errorf("again: %s", code)
	}
	if got, err := s.Check(s.Context(), "chk_1"); err != nil || got.State != licence.CheckApproved || !got.MovedAt.Equal(step.At) {
		s.Errorf("%+v %v", got, err)
	}
}

func waiting(s suite) {
	late, told, old := Check("sub_a", "chk_2"), Check("sub_a", "chk_3"), Check("sub_a", "chk_4")
	late.CreatedAt, old.CreatedAt = Start.Add(time.Second), Start.Add(-time.Hour)
	told.State = licence.CheckTold
	s.put(late, Check("sub_a", "chk_1"), told, old, Check("sub_b", "chk_5"))
	got, err := s.Waiting(s.Context(), "sub_a", Start.Add(-time.Minute), 10)
	if err != nil || len(got) != 2 || got[0].ID != "chk_1" || got[1].ID != "chk_2" || !reflect.DeepEqual(got[1], late) {
		s.Errorf("%+v %v", got, err)
	}
	if got, err := s.Waiting(s.Context(), "sub_a", Start.Add(-time.Minute), 1); err != nil || len(got) != 1 {
		s.Errorf("limit: %d %v", len(got), err)
	}
	if got, err := s.Waiting(s.Context(), "sub_a", Start.Add(time.Second), 10); err != nil || len(got) != 0 {
		s.Errorf("lapsed: %d %v", len(got), err)
	}
}

func sweeps(s suite) {
	old, oldCheck := Code("sub_a", "h1"), Check("sub_a", ids.CheckID("chk_1"))
	old.IssuedAt, oldCheck.CreatedAt = Start.Add(-2*time.Hour), Start.Add(-2*time.Hour)
	s.issue(old, Code("sub_b", "h2"))
	s.put(oldCheck, Check("sub_b", "chk_2"))
	s.do(func(ctx context.Context, u unit.Unit) error { return s.Sweep(ctx, u, Start.Add(-time.Hour)) })
	if s.found("h1", Start.Add(-3*time.Hour)) || !s.found("h2", Start.Add(-time.Minute)) {
		s.Error("codes")
	}
	_, gone := s.Check(s.Context(), "chk_1")
	_, kept := s.Check(s.Context(), "chk_2")
	if fault.CodeOf(gone) != "CHECK_UNKNOWN" || kept != nil {
		s.Errorf("checks: %v, %v", gone, kept)
	}
}

package miniapptest

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/miniapp"
)

// RunStore holds a store to the promises of miniapp.Store. open gives a fresh
// store and its runner for each test.
func RunStore(t *testing.T, open func(t *testing.T) (miniapp.Store, unit.Runner)) {
	t.Run("versions", func(t *testing.T) { runVersions(t, open) })
	t.Run("states", func(t *testing.T) { runStates(t, open) })
}

// registered is when the suite's versions were published.
func registered() time.Time { return time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC) }

func version(t *testing.T, code int) miniapp.App {
	t.Helper()
	o := NewOperator(t)
	m := o.Manifest(t, "https://p41.example")
	m["version"] = map[string]any{"code": code, "name": "x"}
	a := o.App(t, m)
	a.Digest, a.StateAt, a.StateBy = "d", registered(), "import"
	return a
}

func do(t *testing.T, units unit.Runner, f func(ctx context.Context, u unit.Unit) error) error {
	t.Helper()
	return units.Do(t.Context(), f)
}

func insert(t *testing.T, s miniapp.Store, units unit.Runner, a miniapp.App) {
	t.Helper()
	if err := do(t, units, func(ctx context.Context, u unit.Unit) error { return s.Insert(ctx, u, a) }); err != nil {
		t.Fatal(err)
	}
}

func runVersions(t *testing.T, open func(t *testing.T) (miniapp.Store, unit.Runner)) {
	t.Run("an unknown app can't be locked", func(t *testing.T) {
		s, units := open(t)
		err := do(t, units, func(ctx context.Context, u unit.Unit) error { _, err := s.Lock(ctx, u, "x.y"); return err })
		if !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	})
	t.Run("the newest version stands, the older stay", func(t *testing.T) {
		s, units := open(t)
		insert(t, s, units, version(t, 1))
		insert(t, s, units, version(t, 3))
		list, err := s.Newest(t.Context())
		if err != nil || len(list) != 1 || list[0].Manifest.Version.Code != 3 {
			t.Fatalf("%v %v", list, err)
		}
		old, err := s.Version(t.Context(), list[0].ID, 1)
		if err != nil || old.Manifest.Version.Code != 1 || !old.StateAt.Equal(registered()) || old.StateBy != "import" || len(old.Raw) == 0 {
			t.Fatalf("%+v %v", old, err)
		}
		if _, err := s.Version(t.Context(), list[0].ID, 2); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	})
	t.Run("a version is inserted once", func(t *testing.T) {
		s, units := open(t)
		insert(t, s, units, version(t, 1))
		err := do(t, units, func(ctx context.Context, u unit.Unit) error { return s.Insert(ctx, u, version(t, 1)) })
		if !fault.Is(err, fault.Conflict) {
			t.Fatal(err)
		}
	})
}

func runStates(t *testing.T, open func(t *testing.T) (miniapp.Store, unit.Runner)) {
	t.Run("a state moves only from where it stands", func(t *testing.T) {
		s, units := open(t)
		a := version(t, 1)
		insert(t, s, units, a)
		a.State, a.Reason = miniapp.Suspended, "leak"
		move := func(from miniapp.State) error {
			return do(t, units, func(ctx context.Context, u unit.Unit) error { return s.SetState(ctx, u, a, from) })
		}
		if err := move(miniapp.Retired); !fault.Is(err, fault.Conflict) {
			t.Fatal(err)
		}
		if err := move(miniapp.Published); err != nil {
			t.Fatal(err)
		}
		now, err := s.Version(t.Context(), a.ID, 1)
		if err != nil || now.State != miniapp.Suspended || now.Reason != "leak" {
			t.Fatalf("%+v %v", now, err)
		}
	})
	t.Run("steps keep their order", func(t *testing.T) {
		s, units := open(t)
		a := version(t, 1)
		steps := []miniapp.Step{
			{App: a.ID, Version: 1, To: miniapp.Draft, By: "x", At: registered()},
			{App: a.ID, Version: 1, From: miniapp.Draft, To: miniapp.Submitted, By: "y", Reason: "r", At: registered()},
		}
		if err := do(t, units, func(ctx context.Context, u unit.Unit) error { return s.AddSteps(ctx, u, steps...) }); err != nil {
			t.Fatal(err)
		}
		got, err := s.Steps(t.Context(), a.ID)
		if err != nil || len(got) != 2 || got[0] != steps[0] || got[1] != steps[1] {
			t.Fatalf("%+v %v", got, err)
		}
	})
}

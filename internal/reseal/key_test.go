package reseal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reseal"
)

func TestAnOldKeyIsRetiredWhenNothingNeedsItAndNotBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(reseal.Admit(ctx, w.db, w.old, start))
		w.fill(2)
		w.must(reseal.Say(ctx, w.db, "p1", w.old, start))
		if err := reseal.Ready(ctx, w.db, "k2", start); fault.CodeOf(err) != "KEYS_TOO_EARLY" {
			t.Errorf("a process does not know the key: %v", err)
		}
		w.must(reseal.Admit(ctx, w.db, w.anew, start))
		retire := func(at time.Time) error { return reseal.Retire(ctx, w.db, columns, "k1", at) }
		if err := retire(start); fault.CodeOf(err) != "KEYS_IN_USE" || !strings.Contains(err.Error(), "a process seals by k1") {
			t.Errorf("a process lives: %v", err)
		}
		w.must(reseal.Say(ctx, w.db, "p1", w.anew, start))
		w.must(reseal.Ready(ctx, w.db, "k2", start))
		if err := retire(start); fault.CodeOf(err) != "KEYS_IN_USE" || !strings.Contains(err.Error(), "6 values of shelf_box.content") {
			t.Errorf("values are left: %v", err)
		}
		if list, err := reseal.Uses(ctx, w.db, columns, "k1"); err != nil || len(list) != 1 || list[0] != (reseal.Use{Column: "shelf_box.content", Values: 6}) {
			t.Errorf("%v, %v", list, err)
		}
		_, err := w.walker(0, nil).Run(ctx)
		w.must(err)
		w.must(retire(start))
		w.must(retire(start)) // again, after a kill in between
		alone, err := w.after.Drop("k1")
		w.must(err)
		ring := w.ring(alone)
		w.must(reseal.Admit(ctx, w.db, ring, start))
		if of := w.holds(ring, same, "k2"); of != 6 {
			t.Errorf("%d of 6", of)
		}
		if err := reseal.Admit(ctx, w.db, w.old, start); fault.CodeOf(err) != "KEYS_MISSING" && fault.CodeOf(err) != "KEYS_DIFFER" {
			t.Errorf("the old file: %v", err)
		}
	})
}

func TestAKeyThatASilentProcessSealedByIsRetired(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(reseal.Say(t.Context(), w.db, "p1", w.old, start))
		for at, want := range map[time.Time]string{start.Add(reseal.GoneAfter): "KEYS_IN_USE", start.Add(reseal.GoneAfter + time.Second): ""} {
			err := reseal.Retire(t.Context(), w.db, columns, "k1", at)
			if (err == nil) != (want == "") || err != nil && fault.CodeOf(err) != want {
				t.Errorf("%v: %v", at, err)
			}
		}
		w.must(reseal.Say(t.Context(), w.db, "p2", w.old, start))
		w.must(reseal.Leave(t.Context(), w.db, "p1"))
		if list, err := reseal.Living(t.Context(), w.db, start); err != nil || len(list) != 1 || list[0].ID != "p2" {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestAWrongKeyFileIsToldByItsKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if why, err := reseal.Misfits(t.Context(), w.db, w.old); err != nil || why != nil {
			t.Fatalf("a new database: %v, %v", why, err)
		}
		w.must(reseal.Admit(t.Context(), w.db, w.old, start))
		w.must(reseal.Admit(t.Context(), w.db, w.anew, start))
		without, err := w.after.Drop("k1")
		w.must(err)
		other := crypt.Generate()
		index := w.after
		index.Index = other.Index
		taken := w.after
		taken.Columns = map[string][]byte{"k1": other.Columns["k1"], "k2": w.after.Columns["k2"]}
		for name, c := range map[string]struct {
			keys crypt.Keys
			says string
		}{
			"one is missing":    {without, `the key "k1" is missing`},
			"one is another":    {taken, `the key "k1" is another`},
			"the index key":     {index, "the index key is another"},
			"of another suite":  {crypt.GenerateFor(crypt.Guomi{}), "sealed by the suite aes-256-gcm, the file is of guomi-experimental"},
			"of another system": {other, "the index key is another"},
		} {
			ring := w.ring(c.keys)
			why, err := reseal.Misfits(t.Context(), w.db, ring)
			if err != nil || len(why) == 0 || !strings.Contains(strings.Join(why, "; "), c.says) {
				t.Errorf("%s: %v, %v", name, why, err)
			}
			if err := reseal.Admit(t.Context(), w.db, ring, start); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "column keys: ") {
				t.Errorf("%s: admitted, %v", name, err)
			}
		}
		if why, err := reseal.Misfits(t.Context(), w.db, w.anew); err != nil || why != nil {
			t.Errorf("the right file: %v, %v", why, err)
		}
	})
}

package changes_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
)

// view is a change log's view that tests move by hand.
type view struct {
	epoch changes.Epoch
	last  map[changes.Key]changes.Epoch
}

func (v *view) Now() changes.Epoch          { return v.epoch }
func (v *view) Revoked(...changes.Key) bool { return false }
func (v *view) Fresh() bool                 { return true }

func (v *view) Valid(began changes.Epoch, keys ...changes.Key) bool {
	for _, k := range keys {
		if v.last[k] > began {
			return false
		}
	}
	return began > 0
}

func (v *view) move(k changes.Key) {
	v.epoch++
	v.last[k] = v.epoch
}

func TestAValueIsReadOnceUntilItChanges(t *testing.T) {
	v, at := &view{epoch: 1, last: map[changes.Key]changes.Epoch{}}, clock.At(time.Unix(1e9, 0))
	c := changes.NewCache[string, int](v, at, 10)
	reads := 0
	read := func(key string) int {
		n, err := c.Read(t.Context(), key, []changes.Key{changes.Key(key)}, func() (int, error) { reads++; return reads, nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, look := range []struct {
		key  string
		want int
	}{{"a", 1}, {"a", 1}, {"b", 2}} {
		if read(look.key) != look.want {
			t.Fatal("read twice, or one for the other")
		}
	}
	v.move("b")
	if read("a") != 1 || read("b") != 3 {
		t.Fatal("the wrong one is void")
	}
	at.Advance(10 * time.Minute)
	if read("a") != 4 {
		t.Fatal("kept for longer than the log remembers")
	}
}

func TestWhatChangedWhileItWasReadIsNotKept(t *testing.T) {
	v := &view{epoch: 1, last: map[changes.Key]changes.Epoch{}}
	c := changes.NewCache[string, int](v, clock.At(time.Unix(1e9, 0)), 10)
	reads := 0
	read := func() {
		_, _ = c.Read(t.Context(), "a", []changes.Key{"a"}, func() (int, error) { reads++; v.move("a"); return 0, nil })
	}
	read()
	read()
	if reads != 2 {
		t.Fatal("a value that may be old was kept")
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	c := changes.NewCache[string, int](&view{epoch: 1}, clock.At(time.Unix(1e9, 0)), 10)
	reads := 0
	for range 2 {
		if _, err := c.Read(t.Context(), "a", nil, func() (int, error) { reads++; return 0, errors.New("no") }); err == nil {
			t.Fatal("the failure is lost")
		}
	}
	if reads != 2 {
		t.Fatal("kept")
	}
}

func TestWhatAnAnswerRestsOnIsNotedOnTheWay(t *testing.T) {
	v, at := &view{epoch: 1, last: map[changes.Key]changes.Epoch{}}, clock.At(time.Unix(1e9, 0))
	c := changes.NewCache[string, int](v, at, 10)
	ctx, basis := changes.Noting(t.Context(), v)
	look := func(ctx context.Context) {
		_, _ = c.Read(ctx, "a", []changes.Key{"a"}, func() (int, error) { return 1, nil })
	}
	if basis.Holds(at.Now()) {
		t.Error("holds although nobody vouched for anything")
	}
	look(t.Context()) // outside: nothing to note
	look(ctx)
	if !basis.Holds(at.Now()) || basis.Holds(at.Now().Add(10*time.Minute)) {
		t.Error("does not hold as long as the kept value does")
	}
	v.move("a")
	if basis.Holds(at.Now()) {
		t.Error("holds although what it rests on changed")
	}
}

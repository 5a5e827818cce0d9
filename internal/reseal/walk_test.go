package reseal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reseal"
	"github.com/tongban/tongban/internal/unit"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// shelf is a room of the test: a table whose key has a number in it.
var shelf = database.Migrations{Room: "shelf", FS: fstest.MapFS{"00001_shelf.sql": {Data: []byte(`-- +goose Up
create table shelf_box (owner text not null, n bigint not null, content text not null, primary key (owner, n));
-- +goose Down
drop table shelf_box;
`)}}}

func place(owner, n string) string { return "shelf_box.content/" + owner + "/" + n }

var columns = []crypt.Column{{Table: "shelf_box", Column: "content", Key: []string{"owner", "n"},
	Place: func(k []string) string { return place(k[0], k[1]) }}}

// world is a database with boxes, and the keys of before and after a rotation.
type world struct {
	t      *testing.T
	db     *database.DB
	clock  *clock.Fixed
	before crypt.Keys
	after  crypt.Keys
	old    *crypt.Ring
	anew   *crypt.Ring
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	databasetest.Each(t, []database.Migrations{reseal.Migrations(), shelf}, func(t *testing.T, db *database.DB) {
		w := &world{t: t, db: db, clock: clock.At(start), before: crypt.Generate()}
		var err error
		if w.after, err = w.before.Rotate(start); err == nil {
			w.after, err = w.after.Rotate(start.Add(time.Hour))
		}
		w.must(err)
		w.old, w.anew = w.ring(w.before), w.ring(w.after)
		f(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ring(k crypt.Keys) *crypt.Ring {
	w.t.Helper()
	r, err := crypt.NewRing(k)
	w.must(err)
	return r
}

// put writes a box by the ring, in a unit of its own.
func (w *world) put(r *crypt.Ring, owner string, n int, content string) error {
	sealed, err := r.Seal(place(owner, fmt.Sprint(n)), []byte(content))
	if err != nil {
		return err
	}
	return w.db.Do(context.Background(), func(ctx context.Context, u unit.Unit) error {
		_, err := database.Tx(u).ExecContext(ctx, `insert into shelf_box (owner, n, content) values ($1, $2, $3)
			on conflict (owner, n) do update set content = excluded.content`, owner, n, sealed)
		return err
	})
}

// fill puts boxes of three owners, the numbers not in the order of their text.
func (w *world) fill(each int) {
	w.t.Helper()
	for _, owner := range []string{"a", "B", "ä"} {
		for n := range each {
			w.must(w.put(w.old, owner, n*7, fmt.Sprint(owner, n*7)))
		}
	}
}

type box struct {
	owner, sealed string
	n             int
}

func (w *world) boxes() []box {
	w.t.Helper()
	list, err := database.All(w.t.Context(), w.db.Read(), func(s database.Scanner) (box, error) {
		var b box
		return b, s.Scan(&b.owner, &b.n, &b.sealed)
	}, `select owner, n, content from shelf_box`)
	w.must(err)
	return list
}

// holds fails unless every box opens by the ring and has its content, and tells
// how many are of the kid.
func (w *world) holds(r *crypt.Ring, want func(b box) string, kid string) int {
	w.t.Helper()
	of := 0
	for _, b := range w.boxes() {
		plain, err := r.Open(place(b.owner, fmt.Sprint(b.n)), b.sealed)
		if err != nil || string(plain) != want(b) {
			w.t.Errorf("%s %d holds %q, %v", b.owner, b.n, plain, err)
		}
		if strings.HasPrefix(b.sealed, kid+".") {
			of++
		}
	}
	return of
}

func same(b box) string { return fmt.Sprint(b.owner, b.n) }

func (w *world) walker(batch int, told func(reseal.Progress)) *reseal.Walker {
	return &reseal.Walker{DB: w.db, Ring: w.anew, Columns: columns, Clock: w.clock, Batch: batch, Told: told}
}

func TestAWalkStopsAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(9)
		sizes := []int{}
		for stops := 0; ; stops++ {
			ctx, stop := context.WithCancel(t.Context())
			seen := 0
			list, err := w.walker(4, func(p reseal.Progress) {
				seen++
				sizes = append(sizes, p.Resealed)
				if seen == 2 {
					stop()
				}
			}).Run(ctx)
			stop()
			if err == nil {
				if p := list[0]; !p.Done || p.Resealed != 27 || p.Left != 0 || p.Kept != 0 || stops == 0 {
					t.Fatalf("after %d stops: %+v", stops, p)
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if of := w.holds(w.anew, same, "k2"); of != 8*(stops+1) {
				t.Fatalf("stop %d: %d boxes done: a batch was done again, or lost", stops, of)
			}
		}
		if of := w.holds(w.anew, same, "k2"); of != 27 {
			t.Errorf("%d of 27, after %v", of, sizes)
		}
		// Nothing is left to do, so nothing is written.
		list, err := w.walker(4, nil).Run(t.Context())
		if err != nil || !list[0].Done || list[0].Resealed != 27 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// What a unit wrote and where the walk stands go together: a failed unit leaves
// neither, which is what a kill in the middle of one leaves, too.
func TestABatchAndItsPlaceGoTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(3)
		allow := databasetest.FailInserts(t, w.db, "reseal_walk")
		if _, err := w.walker(4, nil).Run(t.Context()); err == nil {
			t.Fatal("the walk went on without its place")
		}
		if of := w.holds(w.anew, same, "k2"); of != 0 {
			t.Errorf("%d boxes were written in a unit that failed", of)
		}
		allow()
		if _, err := w.walker(4, nil).Run(t.Context()); err != nil {
			t.Error(err)
		}
		if of := w.holds(w.anew, same, "k2"); of != 9 {
			t.Errorf("%d of 9", of)
		}
	})
}

func TestWhatIsWrittenMeanwhileStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(20)
		var mu sync.Mutex
		last := map[string]string{}
		var wg sync.WaitGroup
		began := make(chan struct{})
		for i := range 3 {
			wg.Go(func() {
				<-began
				for n := range 40 {
					owner, number := []string{"a", "B", "ä"}[n%3], (n%20)*7
					content := fmt.Sprint("by ", i, n)
					mu.Lock() // so that the test knows who was last
					err := w.put(w.anew, owner, number, content)
					last[fmt.Sprint(owner, number)] = content
					mu.Unlock()
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		once := sync.OnceFunc(func() { close(began) })
		if _, err := w.walker(1, func(reseal.Progress) { once() }).Run(t.Context()); err != nil {
			t.Error(err)
		}
		wg.Wait()
		of := w.holds(w.anew, func(b box) string {
			if content, wrote := last[fmt.Sprint(b.owner, b.n)]; wrote {
				return content
			}
			return same(b)
		}, "k2")
		if of != 60 {
			t.Errorf("%d of 60 are of the new key", of)
		}
	})
}

// A value that changes between the read and the write is not the one that was
// read: it is kept, and found again.
func TestAnOldProcessesWriteIsFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(2)
		wrote := false
		column := columns[0]
		column.Place = func(k []string) string {
			if !wrote { // between the read of the batch and its unit
				wrote = true
				w.must(w.put(w.old, "ä", 7, "newer"))
				w.must(w.put(w.old, "A", 1, "before the place"))
			}
			return place(k[0], k[1])
		}
		walker := w.walker(100, nil)
		walker.Columns = []crypt.Column{column}
		list, err := walker.Run(t.Context())
		if err != nil || list[0].Kept != 1 || !list[0].Done {
			t.Errorf("%+v, %v", list, err)
		}
		of := w.holds(w.anew, func(b box) string {
			switch {
			case b.owner == "A":
				return "before the place"
			case b.owner == "ä" && b.n == 7:
				return "newer"
			}
			return same(b)
		}, "k2")
		if of != 7 {
			t.Errorf("%d of 7", of)
		}
	})
}

func TestAProcessThatStillSealsByTheOldKeyIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(1)
		n := 100
		column := columns[0]
		column.Place = func(k []string) string {
			n++
			w.must(w.put(w.old, "z", n, fmt.Sprint("z", n)))
			return place(k[0], k[1])
		}
		walker := w.walker(100, nil)
		walker.Columns = []crypt.Column{column}
		list, err := walker.Run(t.Context())
		if fault.CodeOf(err) != "KEYS_IN_USE" || list[0].Left == 0 || list[0].Done {
			t.Errorf("%+v, %v", list, err)
		}
		w.holds(w.anew, same, "k2")
	})
}

// An empty text is no value: a column that came later has it in old rows.
func TestNoValueIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(1)
		w.must(w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			_, err := database.Tx(u).ExecContext(ctx, `insert into shelf_box (owner, n, content) values ('none', 1, '')`)
			return err
		}))
		list, err := w.walker(2, nil).Run(t.Context())
		if err != nil || list[0].Resealed != 3 || !list[0].Done {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestWhatDoesNotOpenIsCountedAndTheRestIsDone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.must(w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			_, err := database.Tx(u).ExecContext(ctx, `update shelf_box set n = 999 where owner = 'B' and n = 7`) // another place
			return err
		}))
		for range 2 { // the second run finds it as the first did
			list, err := w.walker(2, nil).Run(t.Context())
			if fault.CodeOf(err) != "KEYS_UNREADABLE" || list[0].Unreadable != 1 || list[0].Resealed != 8 {
				t.Errorf("%+v, %v", list, err)
			}
		}
		if err := reseal.Retire(t.Context(), w.db, columns, "k1", start); fault.CodeOf(err) != "KEYS_IN_USE" {
			t.Errorf("retired: %v", err)
		}
	})
}

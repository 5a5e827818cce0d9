package database_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

func room(name string, steps ...string) database.Migrations {
	fs := fstest.MapFS{}
	for i, s := range steps {
		fs["0000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + s + ";\n")}
	}
	return database.Migrations{Room: name, FS: fs}
}

var notes = room("note", "create table note_line (id text primary key, n bigint not null)")

func insert(ctx context.Context, u unit.Unit, id string, n int64) error {
	_, err := database.Tx(u).ExecContext(ctx, "insert into note_line (id, n) values ($1, $2)", id, n)
	return err
}

func count(t *testing.T, db *database.DB) int64 {
	t.Helper()
	n, err := database.Get(t.Context(), db.Read(), database.One[int64], "select count(*) from note_line")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func each(t *testing.T, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{notes}, f)
}

func TestReadsSeeWhatWasCommitted(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		for i := range 20 {
			if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				return insert(ctx, u, string(rune('a'+i)), 1)
			}); err != nil {
				t.Fatal(err)
			}
			if n := count(t, db); n != int64(i+1) {
				t.Fatalf("after %d commits a read sees %d rows", i+1, n)
			}
		}
	})
}

func TestAFailedUnitLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		mine := fault.New("test", fault.Conflict, "MINE")
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			database.AfterCommit(u, func() { t.Error("woken without a commit") })
			if err := insert(ctx, u, "a", 1); err != nil {
				return err
			}
			return mine
		})
		if fault.CodeOf(err) != "MINE" || count(t, db) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, db))
		}
	})
}

func TestAPanicUndoesTheUnitAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		func() {
			defer func() {
				if recover() != "oh" {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				_ = insert(ctx, u, "a", 1)
				panic("oh")
			})
		}()
		if count(t, db) != 0 {
			t.Fatal("a row stayed")
		}
		if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return insert(ctx, u, "a", 1) }); err != nil {
			t.Fatalf("the writer is lost: %v", err)
		}
	})
}

func TestNoUnitWithinAUnit(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		var inner error
		_ = db.Do(t.Context(), func(ctx context.Context, _ unit.Unit) error {
			inner = db.Do(ctx, func(context.Context, unit.Unit) error { t.Error("ran"); return nil })
			return nil
		})
		if fault.CodeOf(inner) != "UNIT_NESTED" || fault.KindOf(inner) != fault.Internal {
			t.Fatal(inner)
		}
	})
}

func TestNoWriteOutsideAUnit(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		if _, err := db.Read().ExecContext(t.Context(), "insert into note_line (id, n) values ('a', 1)"); err == nil || count(t, db) != 0 {
			t.Fatalf("written by a reader: %v", err)
		}
	})
}

func TestAUniqueViolationIsAConflictAndEndsTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		var second error
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := insert(ctx, u, "a", 1); err != nil {
				return err
			}
			second = insert(ctx, u, "a", 2)
			return nil // goes on after the failure
		})
		if !database.IsConflict(second) || fault.KindOf(second) != fault.Conflict {
			t.Fatalf("second insert: %v", second)
		}
		if fault.CodeOf(err) != "UNIT_BROKEN" || count(t, db) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, db))
		}
		if database.IsConflict(nil) || database.IsConflict(errors.New("x")) {
			t.Fatal("anything is a conflict")
		}
	})
}

func TestADuplicateReturningIsAConflict(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := insert(ctx, u, "a", 1); err != nil {
				return err
			}
			_, err := database.Get(ctx, database.Tx(u), database.One[int64], "insert into note_line (id, n) values ($1, $2) returning n", "a", 2)
			return err
		})
		if !database.IsConflict(err) || fault.KindOf(err) != fault.Conflict {
			t.Fatal(err)
		}
	})
}

func TestAMissingRowIsNotFoundAndDoesNotEndTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if _, err := database.Get(ctx, database.Tx(u), database.One[int64], "select n from note_line where id = $1", "x"); !fault.Is(err, fault.NotFound) {
				t.Errorf("missing row: %v", err)
			}
			return insert(ctx, u, "a", 1)
		})
		if err != nil || count(t, db) != 1 {
			t.Fatal(err)
		}
	})
}

func TestReadModifyWriteByUpdateLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return insert(ctx, u, "a", 0) }); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		for range 20 {
			go func() {
				done <- db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
					_, err := database.Changed(ctx, database.Tx(u), "update note_line set n = n + 1 where id = $1", "a")
					return err
				})
			}()
		}
		for range 20 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if n, err := database.Get(t.Context(), db.Read(), database.One[int64], "select n from note_line"); n != 20 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
	})
}

func TestTwoUnitsThatLockCrosswiseBothEnd(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return errors.Join(insert(ctx, u, "a", 0), insert(ctx, u, "b", 0))
		}); err != nil {
			t.Fatal(err)
		}
		var runs atomic.Int64
		var met [2]chan struct{}
		met[0], met[1] = make(chan struct{}), make(chan struct{})
		cross := func(me int, order ...string) error {
			first := true
			return db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				runs.Add(1)
				for i, id := range order {
					if _, err := database.Changed(ctx, database.Tx(u), "update note_line set n = n + 1 where id = $1", id); err != nil {
						return err
					}
					// Both hold their first row before either wants its second. SQLite
					// runs one unit at a time, so there is nobody to wait for.
					if i == 0 && first && db.Engine() == database.PostgreSQL {
						first = false
						close(met[me])
						<-met[1-me]
					}
				}
				return nil
			})
		}
		done := make(chan error)
		go func() { done <- cross(0, "a", "b") }()
		go func() { done <- cross(1, "b", "a") }()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Fatal(err)
		}
		if db.Engine() == database.PostgreSQL && runs.Load() < 3 {
			t.Fatalf("%d runs: there was no deadlock to retry", runs.Load())
		}
	})
}

func TestAnEndedContextIsUnavailable(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			err := insert(ctx, u, "a", 1)
			cancel()
			return err
		})
		if !fault.Is(err, fault.Unavailable) || count(t, db) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, db))
		}
	})
}

func TestAClosedServerIsUnavailable(t *testing.T) {
	_, err := database.Open(t.Context(), "postgres://nobody:hush@127.0.0.1:1/none")
	if !fault.Is(err, fault.Unavailable) || fault.CodeOf(err) != "DATABASE_UNAVAILABLE" {
		t.Fatal(err)
	}
}

func TestStatementsAreCounted(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		var n atomic.Int64
		db, err := database.Open(t.Context(), url, database.WithCounter(func() { n.Add(1) }))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := db.Migrate(t.Context(), notes); err != nil || n.Load() != 0 {
			t.Fatalf("%v; %d before any statement", err, n.Load())
		}
		_ = db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return insert(ctx, u, "a", 1) })
		count(t, db)
		if n.Load() != 2 {
			t.Fatalf("counted %d, want 2", n.Load())
		}
	})
}

func TestARefusedInsertUndoesItsUnit(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		put := func() error {
			return db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return insert(ctx, u, "a", 1) })
		}
		allow := databasetest.FailInserts(t, db, "note_line")
		if err := put(); !fault.Is(err, fault.Internal) || count(t, db) != 0 {
			t.Fatalf("%v, %d rows", err, count(t, db))
		}
		allow()
		if err := put(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTimesComeBackInMicroseconds(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 123456000, time.UTC)
	if got := database.FromMicros(database.Micros(now.In(time.FixedZone("x", 3600)))); got != now {
		t.Fatal(got)
	}
	if database.Micros(time.Time{}) != 0 || !database.FromMicros(0).IsZero() {
		t.Fatal("the zero time is not 0")
	}
}

func TestWhatIsLeftForTheCommitRunsLastAndUndoesTheUnitWhenItFails(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		var order []string
		run := func(last error) error {
			order = nil
			return db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				for _, key := range []string{"one", "one", "two"} {
					database.Kept(u, key, func() string {
						database.BeforeCommit(u, func(ctx context.Context) error {
							order = append(order, key)
							if err := insert(ctx, u, key, 1); err != nil {
								return err
							}
							return last
						})
						return key
					})
				}
				order = append(order, "body")
				return nil
			})
		}
		failed := errors.New("no")
		if err := run(failed); !errors.Is(err, failed) {
			t.Fatalf("got %v", err)
		}
		if n := count(t, db); n != 0 {
			t.Fatalf("%d rows of an undone unit", n)
		}
		if err := run(nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(order, []string{"body", "one", "two"}) || count(t, db) != 2 {
			t.Fatalf("ran %v, %d rows", order, count(t, db))
		}
	})
}

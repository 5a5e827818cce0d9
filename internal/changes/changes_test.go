package changes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fixture is one database with a log and a clock that stands still.
type fixture struct {
	t     *testing.T
	db    *database.DB
	clock *clock.Fixed
	log   *changes.Log
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{changes.Migrations()}, func(t *testing.T, db *database.DB) {
		c := clock.At(start)
		f(t, &fixture{t, db, c, changes.NewLog(c, nil)})
	})
}

// tail gives a tail that has polled once.
func (x *fixture) tail() *changes.Tail {
	x.t.Helper()
	tail := changes.NewTail(x.db, x.clock, slog.New(slog.DiscardHandler), time.Millisecond)
	x.poll(tail)
	return tail
}

func (x *fixture) poll(tails ...*changes.Tail) {
	x.t.Helper()
	for _, tail := range tails {
		if err := tail.Poll(x.t.Context()); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *fixture) append(what changes.What, keys ...changes.Key) {
	x.t.Helper()
	if err := x.db.Do(x.t.Context(), func(ctx context.Context, u unit.Unit) error {
		return x.log.Append(ctx, u, what, keys...)
	}); err != nil {
		x.t.Fatal(err)
	}
}

func TestTwoTailsSeeEachOthersRevocations(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		a, b := x.tail(), x.tail()
		alice, bob := changes.Subject("sub_a"), changes.Session("ses_b")
		began := [2]changes.Epoch{a.Now(), b.Now()}
		x.append(changes.Revoked, alice)
		x.poll(a, b)
		for i, tail := range []*changes.Tail{a, b} {
			if tail.Valid(began[i], alice) || tail.Valid(began[i], bob, alice) || !tail.Revoked(bob, alice) {
				t.Errorf("tail %d does not know of the revocation", i)
			}
			if !tail.Valid(began[i], bob) || tail.Revoked(bob) {
				t.Errorf("tail %d revoked another key", i)
			}
			if !tail.Valid(tail.Now(), alice) {
				t.Errorf("tail %d holds a value void that was read after", i)
			}
		}
	})
}

func TestAChangeVoidsValuesAndRevokesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		began, k := tail.Now(), changes.Consent("con_1")
		x.append(changes.Changed, k)
		x.poll(tail)
		if tail.Valid(began, k) || tail.Revoked(k) {
			t.Fatalf("valid %v revoked %v", tail.Valid(began, k), tail.Revoked(k))
		}
	})
}

func TestAnUndoneUnitChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		began, k := tail.Now(), changes.App("app")
		err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return errors.Join(x.log.Append(ctx, u, changes.Revoked, k), errors.New("no"))
		})
		x.poll(tail)
		if err == nil || !tail.Valid(began, k) || tail.Revoked(k) {
			t.Fatalf("%v", err)
		}
		x.append(changes.Changed, k) // the numbers go on without a gap
		x.poll(tail)
		if tail.Valid(began, k) {
			t.Fatal("the next change was missed")
		}
	})
}

func TestSeveralAppendsOfOneUnitAddUp(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		began := tail.Now()
		a, b, c := changes.Key("a"), changes.Key("b"), changes.Key("c")
		if err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return errors.Join(
				x.log.Append(ctx, u, changes.Revoked, a), x.log.Append(ctx, u, changes.Changed, a, b), x.log.Append(ctx, u, changes.Changed, b, c))
		}); err != nil {
			t.Fatal(err)
		}
		x.poll(tail)
		for _, k := range []changes.Key{a, b, c} {
			if tail.Valid(began, k) {
				t.Errorf("%s is not seen", k)
			}
		}
		if !tail.Revoked(a) || tail.Revoked(b) || tail.Revoked(c) {
			t.Error("what was said of one is said of another")
		}
		if n, err := database.Get(t.Context(), x.db.Read(), database.One[int64], `select count(*) from changes_row`); err != nil || n != 3 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// Units that tell of the same keys in several calls, in either order, would lock
// the shards' heads crosswise if each call took its own.
func TestUnitsThatTellCrosswiseNeverWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		const rounds = 40
		keys := []changes.Key{"a", "b", "c", "d", "e", "f", "g", "h"}
		var runs atomic.Int64
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				for range rounds {
					err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
						runs.Add(1)
						for i := range keys {
							if worker%2 == 1 {
								i = len(keys) - 1 - i
							}
							if err := x.log.Append(ctx, u, changes.Changed, keys[i]); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Errorf("append: %v", err)
					}
				}
			})
		}
		all.Wait()
		if runs.Load() != 4*rounds {
			t.Errorf("%d units ran %d times: some had to be undone", 4*rounds, runs.Load())
		}
	})
}

func TestParallelAppendsAreAllSeenOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan struct{})
		go func() { defer close(ran); tail.Run(ctx) }() // polls while they append
		done := make(chan error)
		for i := range 50 {
			go func() {
				done <- x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
					return x.log.Append(ctx, u, changes.Revoked,
						changes.Key(fmt.Sprintf("a/%d", i)), changes.Key(fmt.Sprintf("b/%d", i)), changes.Key(fmt.Sprintf("c/%d", i%3)))
				})
			}()
		}
		for range 50 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		stop()
		<-ran
		x.poll(tail)
		for i := range 50 {
			if !tail.Revoked(changes.Key(fmt.Sprintf("a/%d", i))) || !tail.Revoked(changes.Key(fmt.Sprintf("b/%d", i))) {
				t.Errorf("append %d was lost", i)
			}
		}
		if n := changes.Arrivals(tail); n != 150 {
			t.Errorf("the tail saw %d rows, want 150", n)
		}
	})
}

func TestARowThatCommitsLateIsNotMissed(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if x.db.Engine() == database.SQLite {
			t.Skip("SQLite runs one unit at a time")
		}
		tail := x.tail()
		slow, fast := changes.Subject("slow"), otherShard(changes.Subject("slow"))
		appended, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			done <- x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				err := x.log.Append(ctx, u, changes.Revoked, slow)
				close(appended)
				<-goOn
				return err
			})
		}()
		<-appended
		x.append(changes.Revoked, fast)
		x.poll(tail)
		if !tail.Revoked(fast) || tail.Revoked(slow) {
			t.Fatal("the committed one must be seen, the open one not")
		}
		close(goOn)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		x.poll(tail)
		if !tail.Revoked(slow) {
			t.Fatal("the late one was missed")
		}
	})
}

func otherShard(k changes.Key) changes.Key {
	for i := 0; ; i++ {
		if o := changes.Key(fmt.Sprintf("other/%d", i)); changes.Shard(o) != changes.Shard(k) {
			return o
		}
	}
}

func TestAnOldTailHoldsNothingValid(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		began := tail.Now()
		x.clock.Advance(changes.MaxAge)
		if !tail.Fresh() || !tail.Valid(began) {
			t.Fatal("void too early")
		}
		x.clock.Advance(time.Microsecond)
		if tail.Fresh() || tail.Valid(began) {
			t.Fatal("an old tail serves")
		}
		x.poll(tail)
		if !tail.Fresh() || !tail.Valid(began) {
			t.Fatal("a poll makes it fresh again")
		}
		x.clock.Advance(-time.Second)
		if tail.Fresh() {
			t.Fatal("a clock that went back proves nothing")
		}
	})
}

func TestATailThatNeverPolledHoldsNothingValid(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := changes.NewTail(x.db, x.clock, slog.New(slog.DiscardHandler), 0)
		before := tail.Now()
		if tail.Fresh() || tail.Valid(before) {
			t.Fatal("valid before the first poll")
		}
		x.poll(tail)
		if tail.Valid(before) {
			t.Fatal("a value from before the first poll became valid")
		}
	})
}

func TestATailKnowsTheLastWindowFromItsStart(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		old, recent := changes.Session("old"), changes.Session("recent")
		x.append(changes.Revoked, old)
		x.clock.Advance(time.Minute)
		x.append(changes.Revoked, recent)
		x.clock.Advance(changes.Window - time.Second)
		tail := x.tail()
		if tail.Revoked(old) || !tail.Revoked(recent) {
			t.Fatalf("old %v recent %v", tail.Revoked(old), tail.Revoked(recent))
		}
	})
}

func TestWhatIsForgottenMakesOlderValuesVoid(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		k, other := changes.Subject("k"), changes.Subject("other")
		before := tail.Now()
		x.append(changes.Revoked, k)
		x.poll(tail)
		after := tail.Now()
		x.clock.Advance(changes.Window + time.Second)
		x.poll(tail)
		if changes.Arrivals(tail) != 0 || tail.Revoked(k) {
			t.Fatal("not forgotten")
		}
		if tail.Valid(before, k) || tail.Valid(before, other) {
			t.Fatal("a value older than what is forgotten is valid")
		}
		if !tail.Valid(after, k) {
			t.Fatal("a value read after the row is void")
		}
	})
}

func TestRowsPrunedUnseenVoidEverythingOlder(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		began, other := tail.Now(), changes.Subject("other")
		x.append(changes.Changed, changes.Subject("k"))
		n, err := x.log.Prune(t.Context(), x.db, start.Add(time.Second))
		if err != nil || n != 1 {
			t.Fatalf("%d %v", n, err)
		}
		x.poll(tail)
		if tail.Valid(began, other) || !tail.Valid(tail.Now(), other) {
			t.Fatal("the gap went unnoticed")
		}
		if n, err := x.log.Prune(t.Context(), x.db, start.Add(time.Second)); n != 0 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
	})
}

func TestRevokedSinceLetsWhatWasGrantedAnewPass(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail, k := x.tail(), changes.App("app")
		x.append(changes.Revoked, k)
		x.poll(tail)
		if !tail.RevokedSince(start, k) || tail.RevokedSince(start.Add(time.Second), k) {
			t.Fatal("since is not honoured")
		}
	})
}

func TestWakeBringsACommitWithoutWaitingForThePoll(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		polled := make(chan struct{}, 16)
		tail := changes.NewTail(x.db, signalling{x.clock, polled}, slog.New(slog.DiscardHandler), time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan struct{})
		go func() { defer close(ran); tail.Run(ctx) }()
		<-polled // the first poll reads the clock once
		x.log = changes.NewLog(x.clock, tail.Wake)
		x.append(changes.Revoked, changes.Subject("k"))
		<-polled // without the signal this waits an hour
		stop()
		<-ran
	})
}

// signalling tells each time somebody asks for the time.
type signalling struct {
	clock.Clock
	asked chan<- struct{}
}

func (s signalling) Now() time.Time {
	s.asked <- struct{}{}
	return s.Clock.Now()
}

func TestAnIdlePollIsOneStatement(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		n := 0
		db, err := database.Open(t.Context(), url, database.WithCounter(func() { n++ }))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := db.Migrate(t.Context(), changes.Migrations()); err != nil {
			t.Fatal(err)
		}
		x := &fixture{t: t, db: db, clock: clock.At(start)}
		tail := x.tail()
		n = 0
		x.poll(tail)
		if n != 1 {
			t.Fatalf("%d statements", n)
		}
	})
}

func TestMalformedChangesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for name, f := range map[string]func(ctx context.Context, u unit.Unit) error{
			"no key":    func(ctx context.Context, u unit.Unit) error { return x.log.Append(ctx, u, changes.Revoked) },
			"empty key": func(ctx context.Context, u unit.Unit) error { return x.log.Append(ctx, u, changes.Revoked, "") },
			"no what":   func(ctx context.Context, u unit.Unit) error { return x.log.Append(ctx, u, 0, "k") },
		} {
			if err := x.db.Do(t.Context(), f); fault.CodeOf(err) != "CHANGE_MALFORMED" || !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnUnreachableDatabaseIsUnavailable(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		tail := x.tail()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tail.Poll(ctx); !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
	})
}

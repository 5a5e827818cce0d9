package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/unit"
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rows  = database.Migrations{Room: "work", FS: fstest.MapFS{"00001_work.sql": &fstest.MapFile{
		Data: []byte("-- +goose Up\ncreate table work_row (id text primary key);\n")}}}
	fast = jobs.Config{Poll: 2 * time.Millisecond}
)

const kind = "work.done.test"

// fixture is one database with one client on a clock that stands still.
type fixture struct {
	t      *testing.T
	db     *database.DB
	clock  *clock.Fixed
	logs   *logs
	client *jobs.Client
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{rows}, func(t *testing.T, db *database.DB) {
		x := &fixture{t: t, db: db, clock: clock.At(start), logs: &logs{}}
		if err := jobs.Migrate(t.Context(), db, x.logger()); err != nil {
			t.Fatal(err)
		}
		x.client = x.another()
		f(t, x)
	})
}

func (x *fixture) logger() *slog.Logger { return slog.New(slog.NewTextHandler(x.logs, nil)) }

func (x *fixture) another() *jobs.Client { return jobs.New(x.db, x.logger(), x.clock, fast) }

func (x *fixture) handle(o jobs.Options, h jobs.Handler) {
	x.t.Helper()
	if err := x.client.Handle(kind, o, h); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) start() {
	x.t.Helper()
	if err := x.client.Start(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		if err := x.client.Stop(context.WithoutCancel(x.t.Context())); err != nil {
			x.t.Error(err)
		}
	})
}

func (x *fixture) idle() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), 20*time.Second)
	defer cancel()
	if err := x.client.Idle(ctx); err != nil {
		x.t.Fatalf("never idle: %v\n%s", err, x.logs)
	}
}

func (x *fixture) enqueue(payload string) {
	x.t.Helper()
	if err := x.put(jobs.Job{Kind: kind, Payload: []byte(payload)}); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) put(j jobs.Job) error {
	return x.db.Do(x.t.Context(), func(ctx context.Context, u unit.Unit) error { return x.client.Enqueue(ctx, u, j) })
}

func (x *fixture) count(table string) int64 {
	x.t.Helper()
	n, err := database.Get(x.t.Context(), x.db.Read(), database.One[int64], "select count(*) from "+table)
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, u unit.Unit, id string) error {
	_, err := database.Tx(u).ExecContext(ctx, "insert into work_row (id) values ($1)", id)
	return err
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logs) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func TestAJobRunsWithItsPayloadAfterTheCommit(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		got := make(chan string, 10)
		x.handle(jobs.Options{}, func(_ context.Context, p []byte) error { got <- string(p); return nil })
		x.start()
		const payload = `{"id": "évt_1", "n": 12345678901234567890, "z": "\u0000"}`
		x.enqueue(payload)
		x.idle()
		if len(got) != 1 {
			t.Fatalf("%d runs", len(got))
		}
		if p := <-got; p != payload {
			t.Fatalf("payload %s", p)
		}
	})
}

func TestAnUndoneUnitLeavesNeitherRowNorJob(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.handle(jobs.Options{}, func(context.Context, []byte) error { t.Error("ran"); return nil })
		x.start()
		err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return errors.Join(insert(ctx, u, "a"), x.client.Enqueue(ctx, u, jobs.Job{Kind: kind, Payload: []byte("1")}), errors.New("no"))
		})
		x.idle()
		if err == nil || x.count("work_row") != 0 || x.count("river_job") != 0 {
			t.Fatalf("%v, %d rows, %d jobs", err, x.count("work_row"), x.count("river_job"))
		}
	})
}

func TestAJobThatCannotBeStoredUndoesTheRow(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.handle(jobs.Options{}, func(context.Context, []byte) error { return nil })
		databasetest.FailInserts(t, x.db, "river_job")
		err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := insert(ctx, u, "a"); err != nil {
				return err
			}
			return x.client.Enqueue(ctx, u, jobs.Job{Kind: kind, Payload: []byte("1")})
		})
		if !fault.Is(err, fault.Internal) || x.count("work_row") != 0 {
			t.Fatalf("%v, %d rows", err, x.count("work_row"))
		}
	})
}

// Handlers that open units while units enqueue and the queue claims: with one
// writer connection this would hang if anybody held it while waiting.
func TestHandlersOpenUnitsAndEnqueueWithoutDeadlock(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		const first, second = "work.first.test", "work.second.test"
		var n, m atomic.Int64
		for name, h := range map[string]jobs.Handler{
			first: func(ctx context.Context, p []byte) error {
				n.Add(1)
				return x.db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
					return errors.Join(insert(ctx, u, string(p)), x.client.Enqueue(ctx, u, jobs.Job{Kind: second, Payload: p}))
				})
			},
			second: func(ctx context.Context, p []byte) error {
				m.Add(1)
				return x.db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
					_, err := database.Changed(ctx, database.Tx(u), "update work_row set id = id where id = $1", string(p))
					return err
				})
			},
		} {
			if err := x.client.Handle(name, jobs.Options{Timeout: 10 * time.Second}, h); err != nil {
				t.Fatal(err)
			}
		}
		x.start()
		const jobsEach, writers = 10, 8
		done := make(chan error)
		for w := range writers {
			go func() {
				var errs []error
				for i := range jobsEach {
					errs = append(errs, x.put(jobs.Job{Kind: first, Payload: []byte{byte('1' + w), byte('0' + i)}}))
				}
				done <- errors.Join(errs...)
			}()
		}
		for range writers {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		x.idle()
		if n.Load() != jobsEach*writers || m.Load() != jobsEach*writers || x.count("work_row") != jobsEach*writers {
			t.Fatalf("%d first, %d second, %d rows\n%s", n.Load(), m.Load(), x.count("work_row"), x.logs)
		}
	})
}

func TestAFailureIsTriedAgainAfterItsWait(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var n atomic.Int64
		x.handle(jobs.Options{}, func(context.Context, []byte) error {
			if n.Add(1) < 3 {
				return fault.New("test", fault.Unavailable, "AWAY")
			}
			return nil
		})
		x.start()
		x.enqueue("1")
		for i, wait := range []time.Duration{time.Second, 3 * time.Second} {
			x.idle()
			if n.Load() != int64(i+1) {
				t.Fatalf("%d runs before the wait of %s is over", n.Load(), wait)
			}
			x.clock.Advance(wait)
		}
		x.idle()
		if n.Load() != 3 {
			t.Fatalf("%d runs", n.Load())
		}
	})
}

func TestWhatCannotSucceedIsNotTriedAgain(t *testing.T) {
	for name, err := range map[string]error{
		"invalid":   fault.New("test", fault.Invalid, "BAD"),
		"cancelled": jobs.Cancel(fault.New("test", fault.NotFound, "GONE")),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, x *fixture) {
				var n atomic.Int64
				x.handle(jobs.Options{}, func(context.Context, []byte) error { n.Add(1); return err })
				x.start()
				x.enqueue("1")
				x.idle()
				x.clock.Advance(time.Hour)
				x.idle()
				if n.Load() != 1 {
					t.Fatalf("%d runs", n.Load())
				}
			})
		})
	}
}

func TestAJobIsGivenUpAfterItsAttempts(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var n atomic.Int64
		x.handle(jobs.Options{MaxAttempts: 2}, func(context.Context, []byte) error {
			n.Add(1)
			return fault.New("test", fault.Unavailable, "AWAY")
		})
		x.start()
		x.enqueue("1")
		for range 4 {
			x.idle()
			x.clock.Advance(time.Second)
		}
		if n.Load() != 2 {
			t.Fatalf("%d runs", n.Load())
		}
	})
}

func TestADelayedJobWaits(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.handle(jobs.Options{}, func(context.Context, []byte) error { t.Error("ran"); return nil })
		x.start()
		if err := x.put(jobs.Job{Kind: kind, Payload: []byte("1"), RunAt: start.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		x.idle()
	})
}

func TestAPanicIsAFailureAndNothingPersonalIsLoggedOrStored(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var n atomic.Int64
		x.handle(jobs.Options{MaxAttempts: 2}, func(context.Context, []byte) error {
			if n.Add(1) == 1 {
				panic("private words")
			}
			return fault.New("test.op", fault.Unavailable, "AWAY").Because(errors.New("private words"))
		})
		x.start()
		x.enqueue("1")
		x.idle()
		x.clock.Advance(time.Second)
		x.idle()
		stored, err := database.Get(t.Context(), x.db.Read(), database.One[string], "select cast(errors as text) from river_job")
		if err != nil || n.Load() != 2 {
			t.Fatal(err, n.Load())
		}
		for where, text := range map[string]string{"log": x.logs.String(), "table": stored} {
			if strings.Contains(text, "private") {
				t.Errorf("the %s tells the cause: %s", where, text)
			}
			if !strings.Contains(text, "AWAY") || !strings.Contains(text, "JOB_PANICKED") {
				t.Errorf("the %s does not tell the code: %s", where, text)
			}
		}
	})
}

func TestStopLetsARunningJobFinish(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		began, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		x.handle(jobs.Options{}, func(ctx context.Context, _ []byte) error {
			close(began)
			<-goOn
			ended <- ctx.Err()
			return nil
		})
		x.start()
		x.enqueue("1")
		<-began
		stopped := make(chan error)
		go func() { stopped <- x.client.Stop(context.WithoutCancel(t.Context())) }()
		select {
		case <-stopped:
			t.Fatal("did not wait")
		case goOn <- struct{}{}:
		}
		if err := errors.Join(<-stopped, <-ended); err != nil {
			t.Fatal(err)
		}
		x.idle() // the completion was stored
	})
}

func TestStopEndsTheContextsWhenItsOwnEnds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		began := make(chan struct{}, 1)
		x.handle(jobs.Options{}, func(ctx context.Context, _ []byte) error {
			began <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		x.start()
		x.enqueue("1")
		<-began
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := x.client.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAJobOutlivesItsProcess(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.handle(jobs.Options{}, func(context.Context, []byte) error { return nil })
		x.enqueue("1") // this process ends before it starts its jobs
		ran := make(chan struct{}, 10)
		x.client = x.another()
		x.handle(jobs.Options{}, func(context.Context, []byte) error { ran <- struct{}{}; return nil })
		x.start()
		x.idle()
		if len(ran) != 1 {
			t.Fatalf("%d runs", len(ran))
		}
	})
}

func TestAKilledProcessLeavesItsJobToTheNext(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if x.db.Engine() == database.PostgreSQL {
			t.Skip("there the elected process rescues it, by River's own clockwork")
		}
		ran := make(chan struct{}, 10)
		x.handle(jobs.Options{}, func(context.Context, []byte) error { ran <- struct{}{}; return nil })
		x.enqueue("1")
		if err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			// As a process that is killed in the middle leaves it.
			_, err := database.Tx(u).ExecContext(ctx, "update river_job set state = 'running', attempt = 1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		x.start()
		x.idle()
		if len(ran) != 1 {
			t.Fatalf("%d runs", len(ran))
		}
	})
}

func TestTwoProcessesShareTheJobsAndRunEachOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if x.db.Engine() == database.SQLite {
			t.Skip("one process runs jobs on SQLite")
		}
		var mu sync.Mutex
		runs := map[string]int{}
		count := func(_ context.Context, p []byte) error { mu.Lock(); runs[string(p)]++; mu.Unlock(); return nil }
		x.handle(jobs.Options{}, count)
		x.start()
		x.client = x.another()
		x.handle(jobs.Options{}, count)
		x.start()
		for i := range 60 {
			x.enqueue(string([]byte{byte('1' + i/10), byte('0' + i%10)}))
		}
		x.idle()
		mu.Lock()
		defer mu.Unlock()
		if len(runs) != 60 {
			t.Fatalf("%d jobs ran", len(runs))
		}
		for p, n := range runs {
			if n != 1 {
				t.Errorf("job %s ran %d times", p, n)
			}
		}
	})
}

func TestAPeriodicJobRuns(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ran := make(chan string, 10)
		x.handle(jobs.Options{}, func(_ context.Context, p []byte) error { ran <- string(p); return nil })
		if err := x.client.Every(kind, time.Hour); err != nil {
			t.Fatal(err)
		}
		x.start()
		select {
		case p := <-ran:
			if p != "null" {
				t.Fatalf("payload %s", p)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("never ran\n%s", x.logs)
		}
		x.idle()
	})
}

func TestWiringMistakesAreRefused(t *testing.T) {
	nothing := func(context.Context, []byte) error { return nil }
	each(t, func(t *testing.T, x *fixture) {
		x.handle(jobs.Options{}, nothing)
		for name, f := range map[string]func(c *jobs.Client) error{
			"a kind twice":     func(c *jobs.Client) error { return c.Handle(kind, jobs.Options{}, nothing) },
			"a malformed kind": func(c *jobs.Client) error { return c.Handle("Nope", jobs.Options{}, nothing) },
			"no handler":       func(c *jobs.Client) error { return c.Handle("a.b", jobs.Options{}, nil) },
			"every unknown":    func(c *jobs.Client) error { return c.Every("a.b", time.Hour) },
			"every too often":  func(c *jobs.Client) error { return c.Every(kind, time.Millisecond) },
		} {
			c := x.another()
			if err := c.Handle(kind, jobs.Options{}, nothing); err != nil {
				t.Fatal(err)
			}
			if err := f(c); fault.CodeOf(err) != "JOB_KIND_REFUSED" {
				t.Errorf("%s: %v", name, err)
			}
			if err := c.Start(t.Context()); fault.CodeOf(err) != "JOB_KIND_REFUSED" {
				t.Errorf("%s: started: %v", name, err)
			}
		}
		if err := x.put(jobs.Job{Kind: "work.other.test", Payload: []byte("1")}); fault.CodeOf(err) != "JOB_KIND_UNKNOWN" {
			t.Errorf("unknown kind: %v", err)
		}
		if err := x.put(jobs.Job{Kind: kind, Payload: []byte("{")}); fault.CodeOf(err) != "JOB_PAYLOAD_MALFORMED" {
			t.Errorf("malformed payload: %v", err)
		}
		if o := x.client.Kinds()[kind]; o.Timeout != jobs.DefaultTimeout || o.MaxAttempts != jobs.DefaultMaxAttempts {
			t.Errorf("defaults %+v", o)
		}
	})
}

func TestMigratingTwiceIsFine(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if err := jobs.Migrate(t.Context(), x.db, x.logger()); err != nil {
			t.Fatal(err)
		}
	})
}

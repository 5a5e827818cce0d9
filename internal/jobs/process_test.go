package jobs_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/unit"
)

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

func TestJobsRunAndRetryOnTheMachinesClock(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.client = jobs.New(x.db, x.logger(), clock.System{}, jobs.Config{Poll: 5 * time.Millisecond, RetryWaits: []time.Duration{20 * time.Millisecond}})
		ran := make(chan struct{}, 10)
		var runs atomic.Int64
		x.handle(jobs.Options{Timeout: 2 * time.Minute}, func(context.Context, []byte) error {
			ran <- struct{}{}
			if runs.Add(1) == 1 {
				return fault.New("test", fault.Unavailable, "AWAY")
			}
			return nil
		})
		x.start()
		x.enqueue("1")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for range 2 {
			select {
			case <-ran:
			case <-ctx.Done():
				t.Fatalf("not run\n%s", x.logs)
			}
		}
	})
}

// River measures a snooze on the machine's clock alone, so this can't be held still.
func TestAWaitThatWasAskedForIsKeptAndIsNoFailure(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		const wait = 300 * time.Millisecond
		x.client = jobs.New(x.db, x.logger(), clock.System{}, jobs.Config{Poll: 5 * time.Millisecond, RetryWaits: []time.Duration{time.Millisecond}})
		ran := make(chan time.Time, 10)
		var runs atomic.Int64
		x.handle(jobs.Options{MaxAttempts: 1}, func(context.Context, []byte) error {
			ran <- time.Now()
			if runs.Add(1) < 3 {
				return fault.New("test", fault.RateLimited, "SLOWER").After(wait)
			}
			return nil
		})
		x.start()
		x.enqueue("1")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var before time.Time
		for i := range 3 {
			select {
			case at := <-ran:
				if i > 0 && at.Sub(before) < wait {
					t.Fatalf("run %d came after %s", i+1, at.Sub(before))
				}
				before = at
			case <-ctx.Done():
				t.Fatalf("run %d never came\n%s", i+1, x.logs)
			}
		}
	})
}

func TestWhatHangsAsideHoldsUpNobodyInTheMainLane(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.client = jobs.New(x.db, x.logger(), x.clock, jobs.Config{Poll: 5 * time.Millisecond, Workers: 2})
		release, hanging, ran := make(chan struct{}), make(chan struct{}, 2), make(chan struct{})
		defer close(release)
		err := x.client.Handle("work.hangs.test", jobs.Options{Lane: queue.Aside}, func(context.Context, []byte) error {
			hanging <- struct{}{}
			<-release
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		x.handle(jobs.Options{}, func(context.Context, []byte) error { close(ran); return nil })
		x.start()
		for range 4 { // more than there are workers
			if err := x.put(jobs.Job{Kind: "work.hangs.test", Payload: []byte("1")}); err != nil {
				t.Fatal(err)
			}
		}
		<-hanging
		<-hanging
		x.enqueue("1")
		select {
		case <-ran:
		case <-time.After(20 * time.Second):
			t.Fatalf("a job of the main lane waits\n%s", x.logs)
		}
		// Those that hang end before Stop is asked for.
	})
}

package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/jobs"
)

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

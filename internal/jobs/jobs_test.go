package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/unit"
)

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

package database

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

var _ unit.Runner = (*DB)(nil)

// transaction is what a unit's handle is.
type transaction struct {
	tx     *sql.Tx
	q      *querier
	broken error // the first statement that failed
	before []func(context.Context) error
	after  []func()
	kept   map[any]any
}

type handle struct{ t *transaction }

func (h handle) Handle() any { return h.t }

// Do runs f in one transaction, as unit.Runner promises. Besides f's errors it
// fails with Internal UNIT_NESTED within another unit, Internal UNIT_BROKEN
// when f went on after a failed statement and returned nil, and Unavailable
// DATABASE_UNAVAILABLE when the engine can't be reached or the fourth try
// still met a deadlock. A commit whose answer got lost is Unavailable, too:
// the caller can't know, so what it does again must be safe to do again.
func (d *DB) Do(ctx context.Context, f func(ctx context.Context, u unit.Unit) error) error {
	const op = "database.Do"
	if unit.In(ctx) {
		return fault.New(op, fault.Internal, "UNIT_NESTED")
	}
	inside := unit.Mark(ctx)
	for try := 0; ; try++ {
		after, err := d.once(inside, f)
		if err == nil {
			for _, wake := range after {
				wake()
			}
			return nil
		}
		if try >= d.retries || !isRetryable(err) || !pause(ctx, try) {
			return Fault(op, err)
		}
	}
}

func (d *DB) once(ctx context.Context, f func(ctx context.Context, u unit.Unit) error) ([]func(), error) {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, ended(ctx, err)
	}
	// Without effect after a commit; it also undoes when f panics.
	defer func() { _ = tx.Rollback() }()
	t := &transaction{tx: tx}
	t.q = &querier{on: tx, count: d.count, fail: func(err error) {
		if t.broken == nil && !noRows(err) {
			t.broken = err
		}
	}}
	if err := f(ctx, handle{t}); err != nil {
		return nil, err
	}
	for i := 0; i < len(t.before) && t.broken == nil; i++ { // one may ask for another
		if err := t.before[i](ctx); err != nil {
			return nil, err
		}
	}
	if t.broken != nil {
		return nil, fault.New("database.Do", fault.Internal, "UNIT_BROKEN").Because(quiet{t.broken})
	}
	if err := tx.Commit(); err != nil {
		return nil, ended(ctx, err)
	}
	return t.after, nil
}

// ended prefers the context's end over what the driver made of it:
// database/sql undoes a transaction whose context ended and then says only
// that it is done.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, sql.ErrTxDone) || errors.Is(err, ctx.Err())) {
		return ctx.Err()
	}
	return err
}

// pause waits a little, longer each time and never twice the same, so that the
// two sides of a deadlock do not meet again. It tells whether to go on.
func pause(ctx context.Context, try int) bool {
	t := time.NewTimer(time.Duration(1+rand.IntN(10<<try)) * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

package database

import (
	"context"
	"database/sql"

	"github.com/tongban/tongban/internal/unit"
)

// Querier runs statements, as *sql.DB and *sql.Tx do. Failures of Exec and
// Query are faults already; what a Row's Scan or Rows' Err gives goes through
// Fault, or use Get and All.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Read gives what reads run on outside a unit. It sees every unit committed
// before, and refuses writes.
func (d *DB) Read() Querier { return &querier{on: d.reader, count: d.count} }

// Tx gives what a store runs its statements on inside u. It panics when u is
// not a unit of this package: a mistake in wiring.
func Tx(u unit.Unit) Querier { return work(u).q }

// SQLTx gives the transaction of u for a library that brings its own
// statements (the job queue). Rooms use Tx.
func SQLTx(u unit.Unit) *sql.Tx { return work(u).tx }

// AfterCommit has f run once u is committed, in the goroutine of Do; never
// when it is undone. For wake-up signals inside this process: what must not
// get lost is a row. f must not open a unit.
func AfterCommit(u unit.Unit, f func()) { w := work(u); w.after = append(w.after, f) }

// BeforeCommit has f run in u once all else in it is done, right before it
// commits, in the order of the calls; not when the unit has failed. Its failure
// undoes the unit. For what many calls in one unit add up to.
func BeforeCommit(u unit.Unit, f func(ctx context.Context) error) {
	w := work(u)
	w.before = append(w.before, f)
}

// Kept gives what u keeps under key, made at the first call. It lives as long
// as this try of the unit: one that runs again begins with nothing.
func Kept[T any](u unit.Unit, key any, first func() T) T {
	w := work(u)
	if v, ok := w.kept[key].(T); ok {
		return v
	}
	if w.kept == nil {
		w.kept = map[any]any{}
	}
	v := first()
	w.kept[key] = v
	return v
}

func work(u unit.Unit) *transaction {
	w, ok := u.Handle().(*transaction)
	if !ok {
		panic("database: a unit of another engine")
	}
	return w
}

type querier struct {
	on    Querier
	count func()
	fail  func(error) // told of each failure; nil outside units
}

func (q *querier) before() {
	if q.count != nil {
		q.count()
	}
}

func (q *querier) failed(err error) error {
	if err != nil && q.fail != nil {
		q.fail(err)
	}
	return Fault("database.statement", err)
}

func (q *querier) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	q.before()
	res, err := q.on.ExecContext(ctx, query, checked(args)...)
	return res, q.failed(err)
}

func (q *querier) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	q.before()
	rows, err := q.on.QueryContext(ctx, query, checked(args)...) //nolint:sqlclosecheck // the caller closes them
	return rows, q.failed(err)
}

func (q *querier) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	q.before()
	row := q.on.QueryRowContext(ctx, query, checked(args)...)
	_ = q.failed(row.Err())
	return row
}

package database

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tongban/tongban/internal/fault"
)

// Scanner is one row; *sql.Row and *sql.Rows are.
type Scanner interface{ Scan(dest ...any) error }

// Get reads one row by scan. It fails with NotFound ROW_MISSING when there is
// none; a store gives its own code for that.
func Get[T any](ctx context.Context, q Querier, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, query, args...))
	if err != nil {
		var zero T
		return zero, Fault("database.Get", err)
	}
	return v, nil
}

// All reads every row by scan, in the query's order. No row is an empty slice.
func All[T any](ctx context.Context, q Querier, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	const op = "database.All"
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	defer func() { _ = rows.Close() }()
	list := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, Fault(op, err)
		}
		list = append(list, v)
	}
	return list, Fault(op, rows.Err())
}

// One scans a single column.
func One[T any](s Scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}

// Changed runs a statement and gives how many rows it touched, for
// compare-and-swap writes.
func Changed(ctx context.Context, q Querier, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fault.Wrap("database.Changed", err)
	}
	n, err := res.RowsAffected()
	return n, Fault("database.Changed", err)
}

// noRows tells whether err says that a single row was asked for and none is there.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

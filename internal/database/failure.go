package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tongban/tongban/internal/fault"
)

// Fault gives a driver's failure its kind: NotFound ROW_MISSING for no row,
// Conflict ROW_CONFLICT for a unique violation, Unavailable
// DATABASE_UNAVAILABLE for trouble with the connection, Internal
// DATABASE_FAILED otherwise. A fault stays what it is; nil stays nil. The
// driver's words, which can quote a value, stay out of the text.
func Fault(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return fault.Wrap(op, err)
	}
	switch {
	case noRows(err):
		return fault.New(op, fault.NotFound, "ROW_MISSING").Because(err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(op, err)
	case IsConflict(err):
		return fault.New(op, fault.Conflict, "ROW_CONFLICT").Because(quiet{err})
	case isConnection(err), isRetryable(err):
		return unavailable(op, err)
	}
	return fault.New(op, fault.Internal, "DATABASE_FAILED").Because(quiet{err})
}

func unavailable(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(op, err)
	}
	return fault.New(op, fault.Unavailable, "DATABASE_UNAVAILABLE").Because(quiet{err})
}

// IsConflict tells whether err is a unique violation, on either engine.
func IsConflict(err error) bool {
	switch code := sqliteCode(err); code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return true
	}
	return sqlState(err) == "23505"
}

// isRetryable tells whether the engine asks for the unit to run again:
// serialization failure, deadlock, or a busy SQLite file.
func isRetryable(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01" || sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY
}

func isConnection(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, e := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	if s := sqlState(err); len(s) == 5 {
		// 08 connection, 53 resources, 57P shutdown (PostgreSQL, appendix A);
		// 25006 a server that became read-only by failing over.
		return s[:2] == "08" || s[:2] == "53" || s[:3] == "57P" || s == "25006"
	}
	switch sqliteCode(err) & 0xff {
	case sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// quiet is a driver's failure without the values it may quote.
type quiet struct{ err error }

func (q quiet) Unwrap() error { return q.err }

func (q quiet) Error() string {
	if e, ok := errors.AsType[*pgconn.PgError](q.err); ok {
		return fmt.Sprintf("SQLSTATE %s table %q constraint %q", e.Code, e.TableName, e.ConstraintName)
	}
	if errors.Is(q.err, pgx.ErrTxCommitRollback) {
		return q.err.Error()
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](q.err); ok {
		return "no connection to PostgreSQL"
	}
	return q.err.Error() // SQLite names tables and columns, never values
}

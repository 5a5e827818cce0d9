package database

import (
	"context"
	"database/sql"
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

// Engine names the SQL engine behind a DB.
type Engine string

// The engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// DB is one open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	writer *sql.DB // SQLite: one connection
	reader *sql.DB // refuses writes
	count  func()  // nil when nobody counts
	// broken transactions of these kinds are tried again
	retries int
}

// Option changes how a database is opened.
type Option func(*settings)

type settings struct {
	count func()
	pool  int
}

// WithCounter calls f before each statement of a Querier, to learn what a
// request costs. Begin, commit, migrations and the job queue are not counted.
// f is called from many goroutines.
func WithCounter(f func()) Option { return func(s *settings) { s.count = f } }

// WithPool sets how many connections PostgreSQL may have for units, and as
// many again for reads. The default is 16: our choice, so that three processes
// fit into PostgreSQL's default of 100. SQLite has always one and four.
func WithPool(n int) Option { return func(s *settings) { s.pool = n } }

// maxRetries is how often a unit runs again after a deadlock or a
// serialization failure: our choice, since a fourth failure is no accident.
const maxRetries = 3

// Open opens "sqlite:/path/file.sqlite" or "postgres://…" and reaches it once.
// It fails with Invalid DATABASE_URL for another form and with Unavailable
// when the engine can't be reached. The url may hold a password and stays out
// of every error.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	const op = "database.Open"
	s := settings{pool: 16}
	for _, o := range opts {
		o(&s)
	}
	d := &DB{count: s.count, retries: maxRetries}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		d.engine = SQLite
		d.writer, d.reader, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		d.engine = PostgreSQL
		d.writer, d.reader, err = openPostgreSQL(url, s.pool)
	default:
		err = fault.New(op, fault.Invalid, "DATABASE_URL")
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := d.Ping(ctx); err != nil {
		_ = d.Close()
		return nil, fault.Wrap(op, err)
	}
	return d, nil
}

// Close closes all connections.
func (d *DB) Close() error {
	err := d.reader.Close()
	if werr := d.writer.Close(); werr != nil {
		err = werr
	}
	return Fault("database.Close", err)
}

// Ping reaches the engine for writing and for reading. The writer goes first:
// it makes a new SQLite file.
func (d *DB) Ping(ctx context.Context) error {
	for _, pool := range []*sql.DB{d.writer, d.reader} {
		if err := pool.PingContext(ctx); err != nil {
			return unavailable("database.Ping", err)
		}
	}
	return nil
}

// Engine tells which engine this is.
func (d *DB) Engine() Engine { return d.engine }

// Writer gives the pool behind units, for a library that brings its own
// statements (the job queue). Rooms use Do and Read.
func (d *DB) Writer() *sql.DB { return d.writer }

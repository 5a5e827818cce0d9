package database

import (
	"context"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	goosestore "github.com/pressly/goose/v3/database"

	"github.com/tongban/tongban/internal/fault"
)

// Migrations are the steps of one room. At the root of FS stand 00001_name.sql
// and so on, in goose's form. A step that the engines do not say alike, such as
// a trigger, stands there once for each: 00002_name.sqlite.sql and
// 00002_name.postgres.sql.
type Migrations struct {
	Room string
	FS   fs.FS
}

var roomName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// Migrate brings each room to its newest step, in the order given. Each room
// counts in its own table goose_<room>, so rooms add steps without waiting for
// each other. Processes that migrate one PostgreSQL together wait for each
// other. It fails with Invalid MIGRATIONS_MALFORMED for a room that is named
// twice or badly or has no steps, and Internal MIGRATION_FAILED for a bad step.
func (d *DB) Migrate(ctx context.Context, rooms ...Migrations) error {
	const op = "database.Migrate"
	seen := map[string]struct{}{}
	providers := make([]*goose.Provider, 0, len(rooms))
	for _, room := range rooms {
		bad := fault.New(op, fault.Invalid, "MIGRATIONS_MALFORMED")
		if _, twice := seen[room.Room]; twice || !roomName.MatchString(room.Room) {
			return bad.Becausef("room %q", room.Room)
		}
		seen[room.Room] = struct{}{}
		p, err := d.provider(room)
		if err != nil {
			return bad.Becausef("room %q: %w", room.Room, err)
		}
		providers = append(providers, p)
	}
	return fault.Wrap(op, d.Alone(ctx, func(ctx context.Context) error {
		for i, p := range providers {
			if _, err := p.Up(ctx); err != nil {
				return fault.New(op, fault.Internal, "MIGRATION_FAILED").Becausef("room %q: %w", rooms[i].Room, err)
			}
		}
		return nil
	}))
}

func (d *DB) provider(room Migrations) (*goose.Provider, error) {
	dialect := goosestore.DialectSQLite3
	if d.engine == PostgreSQL {
		dialect = goosestore.DialectPostgres
	}
	return goose.NewProvider(dialect, d.writer, steps{room.FS, d.engine},
		goose.WithTableName("goose_"+room.Room),
		goose.WithDisableGlobalRegistry(true), // what a room brings is in its FS alone
		goose.WithLogger(goose.NopLogger()))
}

// steps are the steps of a room that are for one engine.
type steps struct {
	fs.FS
	engine Engine
}

// ReadDir passes over what is for another engine.
func (s steps) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(list, func(e fs.DirEntry) bool {
		for _, other := range []Engine{SQLite, PostgreSQL} {
			if other != s.engine && strings.HasSuffix(e.Name(), "."+string(other)+".sql") {
				return true
			}
		}
		return false
	}), err
}

// Alone runs f while no other process that shares this PostgreSQL runs one of
// its own: for migrations. It holds an advisory lock, on a connection of the
// reading pool so that f may use the writing one. SQLite has one writer anyway.
func (d *DB) Alone(ctx context.Context, f func(ctx context.Context) error) error {
	const op = "database.Alone"
	if d.engine != PostgreSQL {
		return f(ctx)
	}
	conn, err := d.reader.Conn(ctx)
	if err != nil {
		return Fault(op, err)
	}
	defer func() { _ = conn.Close() }()
	const key = "hashtext('tongban.migrate.' || current_schema())"
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock("+key+")"); err != nil {
		return Fault(op, err)
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock("+key+")")
	}()
	return f(ctx)
}

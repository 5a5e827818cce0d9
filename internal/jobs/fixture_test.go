package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
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

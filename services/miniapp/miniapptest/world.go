package miniapptest

import (
	"log/slog"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
)

// World is one registry's database, with any number of processes on it.
type World struct {
	Clock    *clock.Fixed
	Operator Operator
	Outbox   *identitytest.Outbox
	db       *database.DB
}

// NewWorld makes a world with an empty registry.
func NewWorld(t testing.TB) *World {
	t.Helper()
	return &World{db: databasetest.Open(t, changes.Migrations(), miniappdb.Migrations()),
		Clock: clock.At(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)), Operator: NewOperator(t), Outbox: &identitytest.Outbox{}}
}

// Process is one process's registry and its tail of changes, which moves when
// the test polls.
type Process struct {
	*miniapp.Service
	Tail *changes.Tail
}

// Poll lets the process see what the others changed.
func (p Process) Poll(t testing.TB) {
	t.Helper()
	if err := p.Tail.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Process starts a process. Its checker takes every expression but the word
// "broken".
func (w *World) Process(t testing.TB, c miniapp.Config) Process {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	p := Process{Tail: changes.NewTail(w.db, w.Clock, log, 0)}
	p.Poll(t)
	s, err := miniapp.New(miniapp.Deps{Units: w.db, Store: miniappdb.New(w.db, nil), Clock: w.Clock, Changes: p.Tail,
		ChangeLog: changes.NewLog(w.Clock, nil), Outbox: w.Outbox, Checker: checker{}, Operators: w.Operator.Registry(t), Log: log, Config: c})
	if err != nil {
		t.Fatal(err)
	}
	p.Service = s
	return p
}

// Signed gives a good manifest's signed bytes, after change where it is not nil.
func (w *World) Signed(t testing.TB, change func(m map[string]any)) []byte {
	t.Helper()
	m := w.Operator.Manifest(t, "https://p41.example.cn")
	if change != nil {
		change(m)
	}
	return w.Operator.Sign(t, m)
}

// CloseDatabase ends the database: every statement fails from then on.
func (w *World) CloseDatabase(t testing.TB) {
	t.Helper()
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
}

type checker struct{}

func (checker) Check(_ string, c miniapp.Capability) map[string]string {
	if c.Answer == "broken" {
		return map[string]string{"answer": "does not compile"}
	}
	return nil
}

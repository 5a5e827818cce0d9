package ledgertest

import (
	"testing"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
)

// Open gives a ledger on a fresh database, for tests in which the engine does
// not matter, and what opens units for it.
func Open(t testing.TB) (*ledger.Service, unit.Runner, *clock.Fixed) {
	t.Helper()
	db := databasetest.Open(t, ledgerdb.Migrations())
	s, now := New(t, ledgerdb.New(db, Ring(t)), db)
	return s, db, now
}

// Store gives a store on a fresh database, and what opens units for it.
func Store(t testing.TB) (ledger.Store, unit.Runner) {
	t.Helper()
	db := databasetest.Open(t, ledgerdb.Migrations())
	return ledgerdb.New(db, Ring(t)), db
}

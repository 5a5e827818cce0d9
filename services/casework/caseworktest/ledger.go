package caseworktest

import (
	"testing/fstest"

	"github.com/tongban/tongban/internal/database"
)

// LedgerTable is where Ledger keeps its entries.
const LedgerTable = "fakeledger_entry"

// LedgerMigrations makes LedgerTable.
func LedgerMigrations() database.Migrations {
	return database.Migrations{Room: "fakeledger", FS: fstest.MapFS{"00001_fakeledger.sql": {Data: []byte(`-- +goose Up
create table fakeledger_entry (case_id text not null, receiver text not null, purpose text not null, fields text not null);
-- +goose Down
drop table fakeledger_entry;
`)}}}
}

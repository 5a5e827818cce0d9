package ledgerdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/ledger/ledgertest"
)

func each(t *testing.T, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{ledgerdb.Migrations()}, f)
}

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			ledgertest.RunStore(t, func(t *testing.T) (ledger.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), ledgerdb.Migrations())
				return ledgerdb.New(db, ledgertest.Ring(t)), db
			})
		})
	}
}

func TestTamperingWithRowsIsFound(t *testing.T) {
	statements := map[string]string{
		"a removed entry":   `delete from ledger_entry where seq = 2`,
		"a removed last":    `delete from ledger_entry where seq = 3`,
		"a moved head":      `update ledger_head set seq = 2`,
		"another person's":  `update ledger_entry set subject = 'sub_li' where seq = 1`,
		"a removed head":    `delete from ledger_head`,
		"a later time":      `update ledger_entry set at = at + 1 where seq = 3`,
		"a signed digest":   `update ledger_signed set digest = 'another'`,
		"a signed link":     `update ledger_signed set link = 'another'`,
		"a signature":       `update ledger_signed set jws = 'another'`,
		"a head further on": `update ledger_signed set seq = 4`,
		"a field":           `update ledger_entry set fields = '["id_number"]' where seq = 1`,
	}
	for _, column := range []string{
		"id", "by_subject", "receiver_kind", "receiver_id", "receiver_name", "purpose", "item", "case_id", "basis", "prev", "hash",
	} {
		statements[column] = `update ledger_entry set ` + column + ` = 'another' where seq = 2`
	}
	for name, statement := range statements {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB) {
				s, _ := ledgertest.New(t, ledgerdb.New(db, ledgertest.Ring(t)), db)
				for range 3 {
					if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.SignHeads(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := s.Verify(t.Context(), "sub_zhang"); err != nil {
					t.Fatalf("before: %v", err)
				}
				unguard(t, db)
				if _, err := db.Writer().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
				if err := s.Verify(t.Context(), "sub_zhang"); fault.CodeOf(err) != "LEDGER_CHAIN_BROKEN" {
					t.Fatalf("verify gave %v", err)
				}
			})
		})
	}
}

func TestAUseThatCannotBeRecordedFails(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		s, _ := ledgertest.New(t, ledgerdb.New(db, ledgertest.Ring(t)), db)
		allow := databasetest.FailInserts(t, db, "ledger_entry")
		if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err == nil {
			t.Fatal("the record was refused and nobody noticed")
		}
		allow()
		if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(t.Context(), "sub_zhang"); err != nil {
			t.Fatal(err)
		}
	})
}

// A row that was authentic once, in a history that was undone, hashes well; only
// the one after it tells that it does not belong there.
func TestARowOfAnotherHistoryIsFound(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		s, _ := ledgertest.New(t, ledgerdb.New(db, ledgertest.Ring(t)), db)
		record := func(purpose string) {
			t.Helper()
			e := ledgertest.Entry("sub_zhang")
			e.Purpose = purpose
			if err := ledgertest.Record(t.Context(), db, s, e); err != nil {
				t.Fatal(err)
			}
		}
		run := func(statements ...string) {
			t.Helper()
			for _, statement := range statements {
				if _, err := db.Writer().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		unguard(t, db)
		record("first")
		run(`create table kept_head as select * from ledger_head`)
		record("harmless")
		run(`create table kept_entry as select * from ledger_entry where seq = 2`,
			`delete from ledger_entry where seq = 2`, `delete from ledger_head`, `insert into ledger_head select * from kept_head`)
		record("what happened")
		record("third")
		if err := s.Verify(t.Context(), "sub_zhang"); err != nil {
			t.Fatalf("before: %v", err)
		}
		run(`delete from ledger_entry where seq = 2`, `insert into ledger_entry select * from kept_entry`)
		if err := s.Verify(t.Context(), "sub_zhang"); fault.CodeOf(err) != "LEDGER_CHAIN_BROKEN" {
			t.Fatalf("verify gave %v", err)
		}
	})
}

package ledgerdb_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/ledger/ledgertest"
)

// longAgo is old for the engines' own clocks, which no test can move.
var longAgo = time.Date(2010, 3, 2, 9, 0, 0, 0, time.UTC)

// unguard takes away the triggers, as who owns the tables can.
func unguard(t *testing.T, db *database.DB) {
	t.Helper()
	on := map[database.Engine]func(trigger, table string) string{
		database.SQLite:     func(trigger, _ string) string { return `drop trigger ` + trigger },
		database.PostgreSQL: func(trigger, table string) string { return `drop trigger ` + trigger + ` on ` + table },
	}[db.Engine()]
	triggers := map[string]string{"ledger_entry_kept": "ledger_entry", "ledger_signed_kept": "ledger_signed"}
	if db.Engine() == database.SQLite {
		triggers["ledger_entry_fixed"], triggers["ledger_signed_fixed"] = "ledger_entry", "ledger_signed"
	}
	for trigger, table := range triggers {
		if _, err := db.Writer().ExecContext(t.Context(), on(trigger, table)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheEngineItselfRefusesToForget(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		now := clock.At(longAgo)
		s := ledgertest.With(t, ledgerdb.New(db, ledgertest.Ring(t)), db, now, ledgertest.NewSigner("k1"))
		record := func(at time.Time) {
			t.Helper()
			now.Advance(at.Sub(now.Now()))
			if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err != nil {
				t.Fatal(err)
			}
		}
		record(longAgo)
		record(time.Now().AddDate(-ledger.RetentionYears, 0, 1)) // a day too young
		if err := s.SignHeads(t.Context()); err != nil {
			t.Fatal(err)
		}
		statements := []string{
			`delete from ledger_entry`, `delete from ledger_entry where seq = 2`, `update ledger_entry set fields = '[]' where seq = 1`,
			`delete from ledger_signed`, `update ledger_signed set digest = 'x'`,
		}
		if db.Engine() == database.PostgreSQL {
			statements = append(statements, `truncate ledger_entry`, `truncate ledger_signed`)
		}
		for _, statement := range statements {
			if _, err := db.Writer().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s: done", statement)
			}
		}
		if _, err := db.Writer().ExecContext(t.Context(), `delete from ledger_entry where seq = 1`); err != nil {
			t.Errorf("the old one: %v", err)
		}
	})
}

func TestPruningKeepsThreeYearsAndLeavesAChainThatVerifies(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		now := clock.At(longAgo)
		s := ledgertest.With(t, ledgerdb.New(db, ledgertest.Ring(t)), db, now, ledgertest.NewSigner("k1"))
		record := func(n int) {
			t.Helper()
			for range n {
				if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err != nil {
					t.Fatal(err)
				}
				now.Advance(time.Hour)
			}
		}
		holds := func(entries int) {
			t.Helper()
			list, _, err := s.List(t.Context(), "sub_zhang", ledger.Page{Size: 100})
			if err != nil || len(list) != entries {
				t.Fatalf("%d entries, want %d, %v", len(list), entries, err)
			}
			if err := s.Verify(t.Context(), "sub_zhang"); err != nil {
				t.Fatalf("verify: %v", err)
			}
		}
		record(5)
		now.Advance(longAgo.AddDate(ledger.RetentionYears, 0, 0).Sub(now.Now()))
		record(2)
		now.Advance(longAgo.AddDate(ledger.RetentionYears, 0, 0).Add(3 * time.Hour).Sub(now.Now()))

		if _, err := s.Prune(t.Context(), longAgo.Add(3*time.Hour+time.Microsecond)); fault.CodeOf(err) != "LEDGER_RETENTION" || !fault.Is(err, fault.Invalid) {
			t.Fatalf("a microsecond too young: %v", err)
		}
		holds(7)
		done, err := s.Prune(t.Context(), longAgo.Add(3*time.Hour))
		if err != nil || done != (ledger.Pruned{Chains: 1, Entries: 3}) {
			t.Fatalf("%+v, %v", done, err)
		}
		holds(4)
		if done, err = s.Prune(t.Context(), longAgo.Add(3*time.Hour)); err != nil || done != (ledger.Pruned{}) {
			t.Fatalf("again: %+v, %v", done, err)
		}
		now.Advance(20 * 365 * 24 * time.Hour)
		if done, err = s.Prune(t.Context(), now.Now().AddDate(-ledger.RetentionYears, 0, 0)); err != nil || done.Entries != 4 {
			t.Fatalf("all: %+v, %v", done, err)
		}
		holds(0)
		record(2)
		holds(2)
		unguard(t, db)
		if _, err := db.Writer().ExecContext(t.Context(), `update ledger_signed set link = 'x' where seq = 7`); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(t.Context(), "sub_zhang"); fault.CodeOf(err) != "LEDGER_CHAIN_BROKEN" {
			t.Fatalf("what stands for the pruned was changed: %v", err)
		}
	})
}

// A row that is to go takes the evidence of its change with it.
func TestAChainThatDoesNotHoldIsNotPruned(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		now := clock.At(longAgo)
		s := ledgertest.With(t, ledgerdb.New(db, ledgertest.Ring(t)), db, now, ledgertest.NewSigner("k1"))
		for range 2 {
			if err := ledgertest.Record(t.Context(), db, s, ledgertest.Entry("sub_zhang")); err != nil {
				t.Fatal(err)
			}
		}
		unguard(t, db)
		if _, err := db.Writer().ExecContext(t.Context(), `update ledger_entry set purpose = 'x' where seq = 1`); err != nil {
			t.Fatal(err)
		}
		now.Advance(10 * 365 * 24 * time.Hour)
		if _, err := s.Prune(t.Context(), longAgo.AddDate(1, 0, 0)); fault.CodeOf(err) != "LEDGER_CHAIN_BROKEN" {
			t.Fatalf("got %v", err)
		}
		if err := s.SignHeads(t.Context()); err != nil {
			t.Fatalf("one broken chain stops the others: %v", err)
		}
		if list, err := ledgerdb.New(db, nil).Signed(t.Context(), "sub_zhang", 1, 9); err != nil || len(list) != 0 {
			t.Fatalf("signed all the same: %v, %v", list, err)
		}
	})
}

func TestAKeyThatSomebodyPutAmongOursSignsNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		store := ledgerdb.New(db, nil)
		ours := ledgertest.With(t, store, db, clock.At(longAgo), ledgertest.NewSigner("k1"))
		if err := ledgertest.Record(t.Context(), db, ours, ledgertest.Entry("sub_zhang")); err != nil {
			t.Fatal(err)
		}
		if err := ours.SignHeads(t.Context()); err != nil {
			t.Fatal(err)
		}
		later := ledgertest.With(t, store, db, clock.At(longAgo), ledgertest.NewSigner("k2"))
		if err := later.Verify(t.Context(), "sub_zhang"); err != nil {
			t.Fatalf("a head outlives its key: %v", err)
		}
		if _, err := db.Writer().ExecContext(t.Context(), `update ledger_key set mac = 'x'`); err != nil {
			t.Fatal(err)
		}
		if err := later.Verify(t.Context(), "sub_zhang"); fault.CodeOf(err) != "LEDGER_CHAIN_BROKEN" {
			t.Fatalf("a key of theirs: %v", err)
		}
	})
}

package caseworkdb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework/caseworkdb"
	"github.com/tongban/tongban/services/casework/caseworktest"
)

func TestPaymentsAreKept(t *testing.T) { eachStore(t, caseworktest.RunPayments) }

// Whoever has the cashier's address may pay, and see what for.
func TestTheCashiersAddressDoesNotStandInTheOpen(t *testing.T) {
	databasetest.Each(t, []database.Migrations{caseworkdb.Migrations()}, func(t *testing.T, db *database.DB) {
		s := caseworkdb.New(db, caseworktest.Ring(t))
		p := caseworktest.Payment("sub_a", "TB1", "ord_1")
		p.Cashier = "https://pay.example/SECRET"
		if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.AddPayment(ctx, u, p) }); err != nil {
			t.Fatal(err)
		}
		stored, err := database.Get(t.Context(), db.Read(), database.One[string], `select cashier from casework_payment`)
		if err != nil || len(stored) < 40 || strings.Contains(stored, "SECRET") {
			t.Fatalf("stored %q, %v", stored, err)
		}
	})
}

package pushdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/push/pushdb"
	"github.com/tongban/tongban/push/pushtest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	ring, err := crypt.NewRing(crypt.Generate())
	if err != nil {
		t.Fatal(err)
	}
	databasetest.EachURL(t, func(t *testing.T, url string) {
		pushtest.RunStore(t, func(t *testing.T) (push.Store, unit.Runner) {
			// Each promise gets a database of its own.
			if url[:7] == "sqlite:" {
				url = databasetest.SQLiteURL(t)
			} else {
				url = databasetest.PostgreSQLURL(t)
			}
			db := databasetest.OpenURL(t, url, pushdb.Migrations())
			return pushdb.New(db, ring), db
		})
	})
}

func TestTokensAreSealedAtRest(t *testing.T) {
	ring, err := crypt.NewRing(crypt.Generate())
	if err != nil {
		t.Fatal(err)
	}
	databasetest.Each(t, []database.Migrations{pushdb.Migrations()}, func(t *testing.T, db *database.DB) {
		store := pushdb.New(db, ring)
		pushtest.PutDevice(t, store, db, "canary-token")
		var n int
		if err := db.Read().QueryRowContext(t.Context(), `select count(*) from push_device where token like '%canary%' or token_index like '%canary%'`).Scan(&n); err != nil || n != 0 {
			t.Fatalf("%d rows hold the token as it is (%v)", n, err)
		}
	})
}

package miniappdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			miniapptest.RunStore(t, func(t *testing.T) (miniapp.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), miniappdb.Migrations())
				return miniappdb.New(db, nil), db
			})
		})
	}
}

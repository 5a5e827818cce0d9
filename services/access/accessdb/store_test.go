package accessdb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/accessdb"
	"github.com/tongban/tongban/services/access/accesstest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			accesstest.RunStore(t, func(t *testing.T) (access.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), accessdb.Migrations())
				return accessdb.New(db, nil), db
			})
		})
	}
}

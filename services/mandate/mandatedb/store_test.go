package mandatedb_test

import (
	"testing"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
	"github.com/tongban/tongban/services/mandate/mandatetest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": databasetest.SQLiteURL, "postgres": databasetest.PostgreSQLURL,
	} {
		t.Run(name, func(t *testing.T) {
			mandatetest.RunStore(t, func(t *testing.T) (mandate.Store, unit.Runner) {
				db := databasetest.OpenURL(t, url(t), mandatedb.Migrations())
				return mandatedb.New(db, identitytest.Ring(t)), db
			})
		})
	}
}

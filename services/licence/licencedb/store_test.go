package licencedb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/licence/licencedb"
	"github.com/tongban/tongban/services/licence/licencetest"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, _ string) {
		postgres := strings.HasSuffix(t.Name(), "/postgres")
		licencetest.RunStore(t, func(t *testing.T) (licence.Store, unit.Runner) {
			url := databasetest.SQLiteURL
			if postgres {
				url = databasetest.PostgreSQLURL
			}
			db := databasetest.OpenURL(t, url(t), licencedb.Migrations())
			return licencedb.New(db, licencetest.Ring(t)), db
		})
	})
}

func TestNothingOfALicenceStandsInTheOpen(t *testing.T) {
	databasetest.Each(t, []database.Migrations{licencedb.Migrations()}, func(t *testing.T, db *database.DB) {
		s := licencedb.New(db, licencetest.Ring(t))
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := s.Issue(ctx, u, licencetest.Code("sub_a", "h1")); err != nil {
				return err
			}
			return s.Put(ctx, u, licencetest.Check("sub_a", "chk_1"))
		})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := database.Get(t.Context(), db.Read(), database.One[string],
			`select c.shown || k.asked from licence_code c join licence_check k on k.subject = c.subject`)
		if err != nil || len(stored) < 200 || strings.Contains(stored, "SECRET") || strings.Contains(stored, "居住证") {
			t.Fatalf("stored %q, %v", stored, err)
		}
	})
}

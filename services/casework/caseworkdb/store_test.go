package caseworkdb_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworkdb"
	"github.com/tongban/tongban/services/casework/caseworktest"

	"context"
)

func TestStoreKeepsItsPromises(t *testing.T) { eachStore(t, caseworktest.RunStore) }

// eachStore runs a suite on both engines.
func eachStore(t *testing.T, run func(t *testing.T, open func(t *testing.T) (casework.Store, unit.Runner))) {
	databasetest.EachURL(t, func(t *testing.T, _ string) {
		postgres := strings.HasSuffix(t.Name(), "/postgres")
		run(t, func(t *testing.T) (casework.Store, unit.Runner) {
			url := databasetest.SQLiteURL
			if postgres {
				url = databasetest.PostgreSQLURL
			}
			db := databasetest.OpenURL(t, url(t), caseworkdb.Migrations())
			return caseworkdb.New(db, caseworktest.Ring(t)), db
		})
	})
}

func TestNothingAPersonSaidStandsInTheOpen(t *testing.T) {
	databasetest.Each(t, []database.Migrations{caseworkdb.Migrations()}, func(t *testing.T, db *database.DB) {
		s := caseworkdb.New(db, caseworktest.Ring(t))
		c := caseworktest.Case("sub_a", "TB1")
		c.Fields, c.Note = map[string]string{"purpose": "SECRET-1"}, "SECRET-2"
		c.Materials[0].Ref = "SECRET-3"
		e := caseworktest.Event("TB1", "e1", 1, casework.Received)
		e.Note = "SECRET-4"
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := s.Insert(ctx, u, c); err != nil {
				return err
			}
			return s.AddEvent(ctx, u, c.Subject, e)
		})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := database.Get(t.Context(), db.Read(), database.One[string], `
			select c.fields || c.materials || c.note || e.note from casework_case c join casework_event e on e.case_id = c.id`)
		if err != nil || len(stored) < 100 || strings.Contains(stored, "SECRET") {
			t.Fatalf("stored %q, %v", stored, err)
		}
	})
}

package materialdb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/material/materialdb"
	"github.com/tongban/tongban/services/material/materialtest"
)

var rooms = []database.Migrations{materialdb.Migrations()}

func TestStoreKeepsItsPromises(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, _ string) {
		postgres := strings.HasSuffix(t.Name(), "/postgres")
		materialtest.RunStore(t, func(t *testing.T) (material.Store, unit.Runner) {
			url := databasetest.SQLiteURL
			if postgres {
				url = databasetest.PostgreSQLURL
			}
			db := databasetest.OpenURL(t, url(t), rooms...)
			return materialdb.New(db, materialtest.Ring(t)), db
		})
	})
}

func TestNoContentStandsInTheOpen(t *testing.T) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) {
		s := materialdb.New(db, materialtest.Ring(t))
		x := materialtest.Upload("sub_a", "upl_1")
		signed := materialtest.Signature("sub_a", "sig_1")
		signed.Text, signed.Seal = "SECRET-1", "SECRET-2"
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			if err := s.AddSignature(ctx, u, signed); err != nil {
				return err
			}
			return s.PutPiece(ctx, u, x, "try_1", 0, []byte("SECRET-3"))
		})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := database.Get(t.Context(), db.Read(), database.One[string],
			`select s.document || s.seal || p.content from material_signature s join material_piece p on p.subject = s.subject`)
		if err != nil || len(stored) < 60 || strings.Contains(stored, "SECRET") {
			t.Fatalf("stored %q, %v", stored, err)
		}
	})
}

// Whoever can write rows can't put one file's page into another.
func TestAPieceMovedElsewhereDoesNotOpen(t *testing.T) {
	databasetest.Each(t, rooms, func(t *testing.T, db *database.DB) {
		s := materialdb.New(db, materialtest.Ring(t))
		x := materialtest.Upload("sub_a", "upl_1")
		err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			for n, plain := range []string{"first", "second"} {
				if err := s.PutPiece(ctx, u, x, "try_1", n, []byte(plain)); err != nil {
					return err
				}
			}
			_, err := database.Tx(u).ExecContext(ctx, `update material_piece set n = 5 - n`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		x.Attempt = "try_1"
		if plain, err := s.Piece(t.Context(), x, 4); err == nil {
			t.Errorf("it opened as %q", plain)
		}
	})
}

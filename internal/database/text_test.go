package database_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

type lineID string

func TestATextThatCantBeKeptIsTheSendersFault(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		for name, bad := range map[string]any{"NUL": "a\x00b", "broken UTF-8": "a\xff", "an id": lineID("\x00")} {
			_, get := database.Get(t.Context(), db.Read(), database.One[int64], "select n from note_line where id = $1", bad)
			_, all := database.All(t.Context(), db.Read(), database.One[int64], "select n from note_line where id = $1", bad)
			var inside error
			write := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				_, inside = database.Get(ctx, database.Tx(u), database.One[int64], "select n from note_line where id = $1", bad)
				_, err := database.Changed(ctx, database.Tx(u), "insert into note_line (id, n) values ($1, 1)", bad)
				return err
			})
			for how, err := range map[string]error{"get": get, "all": all, "inside": inside, "write": write} {
				if !fault.Is(err, fault.Invalid) || fault.CodeOf(err) != "TEXT_INVALID" {
					t.Errorf("%s, %s: %v", name, how, err)
				}
			}
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows were kept", n)
		}
		for _, good := range []string{"", "示例", "\n\t\x01", "\ufffd"} {
			if err := db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return insert(ctx, u, good, 1) }); err != nil {
				t.Errorf("%q: %v", good, err)
			}
		}
	})
}

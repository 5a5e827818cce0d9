package operations

import (
	"context"
	"embed"
	"io/fs"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives the room's table.
func Migrations() database.Migrations {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "operations", FS: sub}
}

// key moves when documents of a front are published.
func key(front string) changes.Key { return changes.Key("operations/" + front) }

// Publish adds what is not there yet to a front's documents and tells how many
// that were. All of it or nothing.
func Publish(ctx context.Context, db *database.DB, c clock.Clock, front string, m Manifest) (int, error) {
	const op = "operations.Publish"
	added := 0
	err := db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		added = 0
		for _, o := range m.Operations {
			n, err := database.Changed(ctx, database.Tx(u), `
				insert into operations_document (front, id, name, kind, body, at) values ($1, $2, $3, $4, $5, $6)
				on conflict (front, id) do nothing`, front, o.ID, o.Name, o.Type, o.Body, database.Micros(c.Now()))
			if err != nil {
				return err
			}
			added += int(n)
		}
		if added == 0 {
			return nil
		}
		return changes.NewLog(c, nil).Append(ctx, u, changes.Changed, key(front))
	})
	return added, fault.Wrap(op, err)
}

// List gives a front's documents, by name and id.
func List(ctx context.Context, db *database.DB, front string) ([]Document, error) {
	list, err := database.All(ctx, db.Read(), func(s database.Scanner) (Document, error) {
		var d Document
		return d, s.Scan(&d.ID, &d.Name, &d.Type, &d.Body)
	}, `select id, name, kind, body from operations_document where front = $1 order by name, id`, front)
	return list, fault.Wrap("operations.List", err)
}

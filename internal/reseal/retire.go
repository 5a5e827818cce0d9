package reseal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// Use is how many values of a column a key has sealed.
type Use struct {
	Column string
	Values int
}

// Uses counts the values that the key sealed, by column; those without one are
// left out.
func Uses(ctx context.Context, db *database.DB, columns []crypt.Column, kid string) ([]Use, error) {
	list, err := uses(ctx, db.Read(), columns, kid)
	return list, fault.Wrap("reseal.Uses", err)
}

func uses(ctx context.Context, q database.Querier, columns []crypt.Column, kid string) ([]Use, error) {
	var list []Use
	for _, c := range columns {
		n, err := database.Get(ctx, q, database.One[int],
			fmt.Sprintf("select count(*) from %s where substr(%s, 1, $1) = $2", c.Table, c.Column), len(kid)+1, kid+".")
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, Use{c.Name(), n})
		}
	}
	return list, nil
}

// Retire notes that a key is needed no more. It fails with Conflict KEYS_IN_USE
// while a value of it is left in any column, or a process lives that seals by
// it; the cause says where.
func Retire(ctx context.Context, db *database.DB, columns []crypt.Column, kid string, now time.Time) error {
	const op = "reseal.Retire"
	busy := fault.New(op, fault.Conflict, "KEYS_IN_USE")
	if kid == "" {
		return busy.Becausef("the index key can't be retired")
	}
	return fault.Wrap(op, db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		q := database.Tx(u)
		// First, so that a process which starts by this key waits; see Admit.
		if _, err := q.ExecContext(ctx, `update reseal_key set retired_at = $2 where kid = $1 and retired_at = 0`, kid, database.Micros(now)); err != nil {
			return err
		}
		processes, err := living(ctx, q, now)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(processes, func(p Process) bool { return p.Seals == kid }) {
			return busy.Becausef("a process seals by %s", kid)
		}
		list, err := uses(ctx, q, columns, kid)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return busy.Becausef("%d values of %s are sealed by %s", list[0].Values, list[0].Column, kid)
		}
		return nil
	}))
}

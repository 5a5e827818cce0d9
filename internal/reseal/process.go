package reseal

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

const (
	// SayEvery is how often a process says that it lives. Our choice: a row
	// twice a minute costs nothing.
	SayEvery = 30 * time.Second
	// GoneAfter is after which silence a process is taken for gone. Our choice:
	// ten times as long, so that a database that was lost for a while does not
	// make a living one look dead.
	GoneAfter = 10 * SayEvery
)

// Process is one running process, as it last said.
type Process struct {
	ID     string
	Seals  string   // the key it seals by
	Knows  []string // the keys it opens
	SeenAt time.Time
}

// Say notes that a process lives and by which keys it works, and forgets those
// that are long gone.
func Say(ctx context.Context, db *database.DB, process string, ring *crypt.Ring, now time.Time) error {
	const op = "reseal.Say"
	kids := slices.Sorted(maps.Keys(ring.Fingerprints()))[1:] // without the index key, which is first
	raw, err := json.Marshal(kids)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		q := database.Tx(u)
		if _, err := q.ExecContext(ctx, `delete from reseal_process where seen_at < $1`, database.Micros(now.Add(-GoneAfter))); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `
			insert into reseal_process (id, seals, knows, seen_at) values ($1, $2, $3, $4)
			on conflict (id) do update set seals = excluded.seals, knows = excluded.knows, seen_at = excluded.seen_at`,
			process, ring.Current(), string(raw), database.Micros(now))
		return err
	}))
}

// Leave notes that a process ended.
func Leave(ctx context.Context, db *database.DB, process string) error {
	return fault.Wrap("reseal.Leave", db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		_, err := database.Tx(u).ExecContext(ctx, `delete from reseal_process where id = $1`, process)
		return err
	}))
}

// Living lists the processes that are not gone.
func Living(ctx context.Context, db *database.DB, now time.Time) ([]Process, error) {
	list, err := living(ctx, db.Read(), now)
	return list, fault.Wrap("reseal.Living", err)
}

func living(ctx context.Context, q database.Querier, now time.Time) ([]Process, error) {
	return database.All(ctx, q, func(row database.Scanner) (Process, error) {
		var p Process
		var seen int64
		var knows string
		if err := row.Scan(&p.ID, &p.Seals, &knows, &seen); err != nil {
			return Process{}, err
		}
		p.SeenAt = database.FromMicros(seen)
		return p, json.Unmarshal([]byte(knows), &p.Knows)
	}, `select id, seals, knows, seen_at from reseal_process where seen_at >= $1 order by id`, database.Micros(now.Add(-GoneAfter)))
}

// Ready fails with Conflict KEYS_TOO_EARLY while a process lives that does not
// know the key: it could not open what the others seal by it.
func Ready(ctx context.Context, db *database.DB, kid string, now time.Time) error {
	const op = "reseal.Ready"
	list, err := Living(ctx, db, now)
	if err != nil {
		return fault.Wrap(op, err)
	}
	for _, p := range list {
		if !slices.Contains(p.Knows, kid) {
			return fault.New(op, fault.Conflict, "KEYS_TOO_EARLY").Becausef("the process %s does not know %s", p.ID, kid)
		}
	}
	return nil
}

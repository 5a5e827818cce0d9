package changes

import (
	"context"
	"embed"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives the tables of changes.
func Migrations() database.Migrations {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return database.Migrations{Room: "changes", FS: sub}
}

// Log appends changes.
type Log struct {
	clock clock.Clock
	wake  func()
}

var _ Appender = (*Log)(nil)

// NewLog makes a log. wake is called after each commit that appended, so that
// this process's tail need not wait for its next poll; nil for none.
func NewLog(c clock.Clock, wake func()) *Log { return &Log{clock: c, wake: wake} }

// Append adds one row for each key, as Appender promises.
func (l *Log) Append(_ context.Context, u unit.Unit, what What, keys ...Key) error {
	if len(keys) == 0 || slices.Contains(keys, "") || (what != Revoked && what != Changed) {
		return fault.New("changes.Append", fault.Invalid, "CHANGE_MALFORMED")
	}
	told := database.Kept(u, l, func() map[Key]What {
		told := map[Key]What{}
		database.BeforeCommit(u, func(ctx context.Context) error { return l.write(ctx, u, told) })
		if l.wake != nil {
			database.AfterCommit(u, l.wake)
		}
		return told
	})
	for _, k := range keys {
		if told[k] != Revoked { // which also says changed
			told[k] = what
		}
	}
	return nil
}

// write stores what a unit told, as the last thing in it: so the heads are held
// for the commit alone.
func (l *Log) write(ctx context.Context, u unit.Unit, told map[Key]What) error {
	const op = "changes.write"
	var byShard [shards][]Key
	for _, k := range slices.Sorted(maps.Keys(told)) {
		byShard[k.shard()] = append(byShard[k.shard()], k)
	}
	q, at := database.Tx(u), database.Micros(l.clock.Now())
	// Always from the lowest shard up: two units that lock the same heads
	// wait, and never for each other.
	for shard, list := range byShard {
		if len(list) == 0 {
			continue
		}
		head, err := database.Get(ctx, q, database.One[int64],
			`update changes_head set seq = seq + $1 where shard = $2 returning seq`, len(list), shard)
		if err != nil {
			return fault.Wrap(op, err)
		}
		for i, k := range list {
			seq := head - int64(len(list)) + int64(i) + 1
			if _, err := q.ExecContext(ctx,
				`insert into changes_row (shard, seq, key, what, at) values ($1, $2, $3, $4, $5)`,
				shard, seq, string(k), int64(told[k]), at); err != nil {
				return fault.Wrap(op, err)
			}
		}
	}
	return nil
}

// Prune removes the rows made before the time given and tells how many. A tail
// that had not seen them yet holds its older values void. Keep Window at least.
func (l *Log) Prune(ctx context.Context, units unit.Runner, before time.Time) (int64, error) {
	var n int64
	err := units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		var err error
		n, err = database.Changed(ctx, database.Tx(u), `delete from changes_row where at < $1`, database.Micros(before))
		return err
	})
	return n, fault.Wrap("changes.Prune", err)
}

package changes

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
)

type head struct {
	shard int
	seq   int64
}

func (t *Tail) readHeads(ctx context.Context) (map[int]int64, error) {
	list, err := database.All(ctx, t.db.Read(), func(s database.Scanner) (head, error) {
		var h head
		return h, s.Scan(&h.shard, &h.seq)
	}, `select shard, seq from changes_head order by shard`)
	if err != nil {
		return nil, err
	}
	heads := make(map[int]int64, len(list))
	for _, h := range list {
		heads[h.shard] = h.seq
	}
	return heads, nil
}

func scanRow(s database.Scanner) (row, error) {
	var r row
	var at int64
	err := s.Scan(&r.seq, &r.key, &r.what, &at)
	r.at = database.FromMicros(at)
	return r, err
}

// readRecent gives the rows made since the time given, up to heads: later ones
// come with the next poll, and would come twice.
func (t *Tail) readRecent(ctx context.Context, since time.Time, heads map[int]int64) ([]row, error) {
	var rows []row
	for shard := range shards {
		list, err := database.All(ctx, t.db.Read(), scanRow,
			`select seq, key, what, at from changes_row where shard = $1 and seq <= $2 and at >= $3 order by seq`,
			shard, heads[shard], database.Micros(since))
		if err != nil {
			return nil, err
		}
		rows = append(rows, list...)
	}
	return rows, nil
}

// readMoved gives the rows between the known heads and the new ones. Rows are
// lost when some were pruned before they were seen, or when the table was put
// back to an earlier state.
func (t *Tail) readMoved(ctx context.Context, heads map[int]int64) ([]row, lostRows, error) {
	var rows []row
	lost := noneLost
	for shard := range shards {
		known, now := t.heads[shard], heads[shard]
		if known == now {
			continue
		}
		list, err := database.All(ctx, t.db.Read(), scanRow,
			`select seq, key, what, at from changes_row where shard = $1 and seq > $2 and seq <= $3 order by seq`,
			shard, known, now)
		if err != nil {
			return nil, lost, err
		}
		if int64(len(list)) != now-known {
			lost = rowsLost
		}
		rows = append(rows, list...)
	}
	return rows, lost, nil
}

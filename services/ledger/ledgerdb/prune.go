package ledgerdb

import (
	"context"
	"errors"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

// Old lists chains with an old front, as ledger.Store promises.
func (s *Store) Old(ctx context.Context, before time.Time, after ids.SubjectID, limit int) ([]ledger.Front, error) {
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) (ledger.Front, error) {
		var f ledger.Front
		err := row.Scan(&f.Subject, &f.Seq)
		return f, err
	}, `
		select h.subject, coalesce(
			(select min(e.seq) - 1 from ledger_entry e where e.subject = h.subject and e.at >= $1), h.seq)
		from ledger_head h
		where h.subject > $2 and exists (
			select 1 from ledger_entry e where e.subject = h.subject and e.seq = h.pruned + 1 and e.at < $1)
		order by h.subject limit $3`, database.Micros(before), string(after), limit)
	return list, fault.Wrap("ledgerdb.Old", err)
}

// Prune removes the front of a chain, as ledger.Store promises. The engine's
// own trigger has the last word.
func (s *Store) Prune(ctx context.Context, u unit.Unit, f ledger.Front) (int64, error) {
	const op = "ledgerdb.Prune"
	q := database.Tx(u)
	n, err := database.Changed(ctx, q, `
		update ledger_head set pruned = $2
		where subject = $1 and pruned < $2 and exists (select 1 from ledger_signed where subject = $1 and seq = $2)`, string(f.Subject), f.Seq)
	if err == nil && n != 1 {
		err = errors.New("no signed head stands for what was to be pruned")
	}
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	n, err = database.Changed(ctx, q, `delete from ledger_entry where subject = $1 and seq <= $2`, string(f.Subject), f.Seq)
	return n, fault.Wrap(op, err)
}

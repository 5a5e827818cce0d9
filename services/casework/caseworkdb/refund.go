package caseworkdb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/casework"
)

// AddRefund keeps a refund, as casework.Store promises.
func (s *Store) AddRefund(ctx context.Context, u unit.Unit, r casework.Refund) error {
	const op = "caseworkdb.AddRefund"
	n, err := database.Changed(ctx, database.Tx(u), `
		insert into casework_refund (subject, order_no, trade, id, amount, state, created_at, done_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (subject, order_no, trade) do nothing`,
		string(r.Subject), string(r.Order), r.Trade, string(r.ID), int64(r.Amount), string(r.State),
		database.Micros(r.CreatedAt), database.Micros(r.DoneAt))
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "REFUND_KNOWN")
	}
	return fault.Wrap(op, err)
}

// Refund gives a refund, as casework.Store promises.
func (s *Store) Refund(ctx context.Context, id ids.RefundID) (casework.Refund, error) {
	const op = "caseworkdb.Refund"
	r, err := database.Get(ctx, s.db.Read(), func(row database.Scanner) (casework.Refund, error) {
		r := casework.Refund{ID: id}
		var created, done int64
		err := row.Scan(&r.Subject, &r.Order, &r.Trade, &r.Amount, &r.State, &created, &done)
		r.CreatedAt, r.DoneAt = database.FromMicros(created), database.FromMicros(done)
		return r, err
	}, `select subject, order_no, trade, amount, state, created_at, done_at from casework_refund where id = $1`, string(id))
	if fault.Is(err, fault.NotFound) {
		return casework.Refund{}, fault.New(op, fault.NotFound, "REFUND_UNKNOWN")
	}
	return r, fault.Wrap(op, err)
}

// RefundDone marks a refund as done, as casework.Store promises.
func (s *Store) RefundDone(ctx context.Context, u unit.Unit, r casework.Refund, at time.Time) error {
	const op = "caseworkdb.RefundDone"
	n, err := database.Changed(ctx, database.Tx(u), `
		update casework_refund set state = $2, done_at = $3 where id = $1 and state = $4`,
		string(r.ID), string(casework.RefundDone), database.Micros(at), string(casework.RefundOwed))
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "REFUND_KNOWN")
	}
	return fault.Wrap(op, err)
}

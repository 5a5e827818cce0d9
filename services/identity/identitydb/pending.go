package identitydb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

func pendingPlace(index string) string { return "identity_pending.sealed/" + index }

func (s *Store) stateIndex(state string) string {
	return s.ring.Index("identity_pending.state_index", state)
}

// SavePending stores a pending sign-in, as identity.PendingStore promises.
func (s *Store) SavePending(ctx context.Context, u unit.Unit, p identity.Pending, now time.Time) error {
	const op = "identitydb.SavePending"
	q, index := database.Tx(u), s.stateIndex(p.State)
	sealed, err := s.seal(pendingPlace(index), p)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if _, err := q.ExecContext(ctx, `delete from identity_pending where expires_at < $1`, database.Micros(now)); err != nil {
		return fault.Wrap(op, err)
	}
	_, err = q.ExecContext(ctx, `insert into identity_pending (state_index, sealed, expires_at) values ($1, $2, $3)`,
		index, sealed, database.Micros(p.ExpiresAt))
	return fault.Wrap(op, err)
}

// TakePending consumes a pending sign-in, as identity.PendingStore promises.
func (s *Store) TakePending(ctx context.Context, u unit.Unit, state string) (identity.Pending, error) {
	const op = "identitydb.TakePending"
	index := s.stateIndex(state)
	p, err := database.Get(ctx, database.Tx(u), func(row database.Scanner) (identity.Pending, error) {
		var p identity.Pending
		var sealed string
		if err := row.Scan(&sealed); err != nil {
			return identity.Pending{}, err
		}
		err := s.open(pendingPlace(index), sealed, &p)
		return p, err
	}, `delete from identity_pending where state_index = $1 returning sealed`, index)
	if fault.Is(err, fault.NotFound) {
		return identity.Pending{}, fault.New(op, fault.NotFound, "PENDING_NOT_FOUND")
	}
	return p, fault.Wrap(op, err)
}

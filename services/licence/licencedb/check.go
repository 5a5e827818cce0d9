package licencedb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/licence"
)

const checkColumns = `subject, id, officer, verifier, state, asked, created_at, moved_at`

// Put stores a check, as licence.Store promises.
func (s *Store) Put(ctx context.Context, u unit.Unit, c licence.Check) error {
	const op = "licencedb.Put"
	asked, err := s.seal(askedPlace(c.ID), c.Asked)
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into licence_check (`+checkColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(c.Subject), string(c.ID), string(c.By.ID), string(c.By.Verifier), string(c.State), asked,
		database.Micros(c.CreatedAt), database.Micros(c.MovedAt))
	return fault.Wrap(op, err)
}

// Check gives a check, as licence.Store promises.
func (s *Store) Check(ctx context.Context, id ids.CheckID) (licence.Check, error) {
	c, err := database.Get(ctx, s.db.Read(), s.scanCheck, `select `+checkColumns+` from licence_check where id = $1`, string(id))
	return c, missing("licencedb.Check", err, "CHECK_UNKNOWN")
}

// Move takes a check from one state to another, as licence.Store promises.
func (s *Store) Move(ctx context.Context, u unit.Unit, m licence.Move) error {
	const op = "licencedb.Move"
	n, err := database.Changed(ctx, database.Tx(u), `
		update licence_check set state = $4, moved_at = $5 where subject = $1 and id = $2 and state = $3`,
		string(m.Subject), string(m.Check), string(m.From), string(m.To), database.Micros(m.At))
	if err == nil && n == 0 {
		return fault.New(op, fault.Conflict, "CHECK_MOVED")
	}
	return fault.Wrap(op, err)
}

// Waiting gives the checks that wait, as licence.Store promises.
func (s *Store) Waiting(ctx context.Context, subject ids.SubjectID, since time.Time, limit int) ([]licence.Check, error) {
	list, err := database.All(ctx, s.db.Read(), s.scanCheck, `
		select `+checkColumns+` from licence_check
		where subject = $1 and created_at > $2 and state = 'WAITING' order by created_at, id limit $3`,
		string(subject), database.Micros(since), limit)
	return list, fault.Wrap("licencedb.Waiting", err)
}

func (s *Store) scanCheck(row database.Scanner) (licence.Check, error) {
	var c licence.Check
	var asked string
	var created, moved int64
	if err := row.Scan(&c.Subject, &c.ID, &c.By.ID, &c.By.Verifier, &c.State, &asked, &created, &moved); err != nil {
		return licence.Check{}, err
	}
	c.CreatedAt, c.MovedAt = database.FromMicros(created), database.FromMicros(moved)
	return c, s.open(askedPlace(c.ID), asked, &c.Asked)
}

func askedPlace(id ids.CheckID) string { return "licence_check.asked/" + string(id) }

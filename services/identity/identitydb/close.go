package identitydb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// CloseAccount empties an account, as identity.AccountStore promises.
func (s *Store) CloseAccount(ctx context.Context, u unit.Unit, subject ids.SubjectID, at time.Time) error {
	const op = "identitydb.CloseAccount"
	sealed, err := s.sealAccount(identity.Account{Subject: subject})
	if err != nil {
		return fault.Wrap(op, err)
	}
	q := database.Tx(u)
	if _, err := q.ExecContext(ctx, `
		update identity_account set id_index = null, phone_index = null, level = 0, profile = $2, updated_at = $3, closed_at = $3
		where subject = $1`, string(subject), sealed, database.Micros(at)); err != nil {
		return fault.Wrap(op, err)
	}
	for _, statement := range []string{
		`delete from identity_external where subject = $1`,
		`delete from identity_evidence where subject = $1`,
		`delete from identity_device where person = $1`,
		`delete from identity_session where subject = $1 or by_subject = $1`,
	} {
		if _, err := q.ExecContext(ctx, statement, string(subject)); err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}

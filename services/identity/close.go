package identity

import (
	"context"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// AccountClosed is the event of an account's end. Rooms that keep something of
// the person by its consent, or to reach it, let go of it.
type AccountClosed struct {
	Subject ids.SubjectID `json:"subject"`
}

// EventKind gives identity.account_closed.
func (AccountClosed) EventKind() string { return "identity.account_closed" }

// Close ends the person's account (注销) and says how many sign-ins ended with it.
// Profile, evidence, sign-ins, the sources' ids and the keyed hash by which the
// person would be found are gone; the subject stays, naming nobody, so that what
// the law keeps still belongs together. A later sign-in makes a new account. It
// fails with Forbidden ACTING_NOT_ALLOWED unless the person itself asks, and
// NotFound ACCOUNT_NOT_FOUND.
func (s *Service) Close(ctx context.Context, actor ids.Actor) (int, error) {
	const op = "identity.Close"
	if actor.By != "" {
		return 0, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	ended := 0
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		a, err := s.d.Store.LockAccount(ctx, u, actor.Subject)
		if err != nil {
			return err
		}
		if a.Kind != Person {
			return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
		}
		if ended, err = s.endAll(ctx, u, actor); err != nil {
			return err
		}
		if err := s.d.Store.CloseAccount(ctx, u, a.Subject, s.d.Clock.Now()); err != nil {
			return err
		}
		if err := s.d.ChangeLog.Append(ctx, u, changes.Revoked, changes.Subject(a.Subject)); err != nil {
			return err
		}
		return s.d.Outbox.Append(ctx, u, AccountClosed{Subject: a.Subject})
	})
	if err != nil {
		return 0, fault.Wrap(op, err)
	}
	return ended, nil
}

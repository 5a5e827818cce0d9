package mandate

import (
	"context"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Accept has the actor take the offer of the code; the principal has to confirm.
// Of any number of tries one wins. It fails with NotFound MANDATE_CODE_UNKNOWN
// for a code that is wrong, used, lapsed or taken back, RateLimited
// MANDATE_CODE_TRIES after MostTries such, Conflict MANDATE_SELF for one's own,
// Forbidden LEVEL_TOO_LOW, MANDATE_KIND_UNFIT for a child or an enterprise, and
// ACTING_NOT_ALLOWED for whoever acts for another.
func (s *Service) Accept(ctx context.Context, actor ids.Actor, code string) (Mandate, error) {
	const op = "mandate.Accept"
	if err := itself(op, actor); err != nil {
		return Mandate{}, err
	}
	account, err := s.checked(ctx, actor.Subject)
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	if err := takes(account, now); err != nil {
		return Mandate{}, err
	}
	var m Mandate
	var refused error // is answered after the unit, which keeps the try
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if refused = s.mayTry(ctx, u, actor.Subject, now); refused != nil {
			return refused
		}
		m, err = s.d.Store.LockByCode(ctx, u, s.hash(normal(code)))
		if fault.Is(err, fault.NotFound) || err == nil && m.State(now) != Offered {
			refused = fault.New(op, fault.NotFound, "MANDATE_CODE_UNKNOWN")
			return s.d.Store.Tried(ctx, u, actor.Subject, now)
		}
		if err != nil {
			return err
		}
		if m.Principal == actor.Subject || m.MadeBy == actor.Subject {
			return fault.New(op, fault.Conflict, "MANDATE_SELF")
		}
		m.Delegate, m.AcceptedAt = actor.Subject, now
		if err := s.d.Store.Save(ctx, u, m); err != nil {
			return err
		}
		if err := s.d.Outbox.Append(ctx, u, Taken{Mandate: m.ID, Principal: m.Principal, MadeBy: m.MadeBy}); err != nil {
			return err
		}
		return s.d.ChangeLog.Append(ctx, u, changes.Changed, changes.Mandate(m.ID))
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	return m, nil
}

// mayTry fails where who guessed too often lately, whatever the code is now.
func (s *Service) mayTry(ctx context.Context, u unit.Unit, who ids.SubjectID, now time.Time) error {
	tries, err := s.d.Store.Tries(ctx, u, who, now.Add(-CodeLife))
	if err == nil && len(tries) >= MostTries {
		return fault.New("mandate.mayTry", fault.RateLimited, "MANDATE_CODE_TRIES").After(tries[len(tries)-MostTries].Add(CodeLife).Sub(now))
	}
	return err
}

// normal drops what people put between the figures of a code.
func normal(code string) string { return strings.NewReplacer(" ", "", "-", "").Replace(code) }

// itself refuses whoever acts for another.
func itself(op string, actor ids.Actor) error {
	if actor.By == "" && actor.Mandate == "" {
		return nil
	}
	return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
}

package mandate

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// Confirm has the principal let the mandate stand, having seen who took it; one
// that stands is no failure. It fails with Private MANDATE_NOT_FOUND when it is
// not the principal's, Conflict MANDATE_NOT_ACCEPTED when nobody has taken it or
// it is over, Forbidden MANDATE_GUARDIAN_UNPROVED for a child below 14 of whom no
// source says that the delegate is its guardian, MANDATE_KIND_UNFIT where the
// two no longer fit, and ACTING_NOT_ALLOWED as Offer does.
func (s *Service) Confirm(ctx context.Context, actor ids.Actor, id ids.MandateID) (Mandate, error) {
	const op = "mandate.Confirm"
	if err := principal(op, actor); err != nil {
		return Mandate{}, err
	}
	now := s.d.Clock.Now()
	seen, err := s.awaiting(s.d.Store.Mandate(ctx, id))
	if err == nil && seen.Principal != actor.Subject {
		err = hidden(op)
	}
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	elder, err := s.fit(ctx, seen, now) // asks outside, so before the unit
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	var m Mandate
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		m, err = s.d.Store.Lock(ctx, u, id)
		if err != nil {
			return err
		}
		switch m.State(now) {
		case Standing:
			return nil
		case Accepted:
		default:
			return fault.New(op, fault.Conflict, "MANDATE_NOT_ACCEPTED")
		}
		m.ConfirmedAt, m.Elder = now, elder
		if actor.By != "" {
			m.MadeBy = actor.By
		}
		if err := s.d.Store.Save(ctx, u, m); err != nil {
			return err
		}
		if err := s.d.Outbox.Append(ctx, u, Confirmed{Mandate: m.ID, Principal: m.Principal, MadeBy: m.MadeBy, Delegate: m.Delegate}); err != nil {
			return err
		}
		return s.d.ChangeLog.Append(ctx, u, changes.Changed, changes.Mandate(m.ID))
	})
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	if elder {
		s.remark(ctx, m, now)
	}
	return m, nil
}

func (s *Service) awaiting(m Mandate, err error) (Mandate, error) {
	const op = "mandate.awaiting"
	if fault.Is(err, fault.NotFound) {
		return Mandate{}, hidden(op)
	}
	if err == nil && m.Delegate == "" {
		return Mandate{}, fault.New(op, fault.Conflict, "MANDATE_NOT_ACCEPTED")
	}
	return m, err
}

// fit tells whether the two still fit, and whether the principal is an elder.
func (s *Service) fit(ctx context.Context, m Mandate, now time.Time) (elder bool, err error) {
	account, err := s.checked(ctx, m.Principal)
	if err != nil {
		return false, err
	}
	delegate, err := s.checked(ctx, m.Delegate)
	if err != nil {
		return false, err
	}
	if err := gives(account, m.Kind, now); err != nil {
		return false, err
	}
	if err := takes(delegate, now); err != nil {
		return false, err
	}
	if account.Kind == identity.Person && age(account, now) < ownWord {
		return false, s.guards(ctx, delegate, account)
	}
	return age(account, now) >= ElderAge, nil
}

func (s *Service) guards(ctx context.Context, guardian, child identity.Account) error {
	if s.d.Guardians == nil {
		return fault.New("mandate.guards", fault.Forbidden, "MANDATE_GUARDIAN_UNPROVED")
	}
	return s.d.Guardians.Guards(ctx, guardian, child)
}

// remark has operators see a delegate of many elders. It only hurries what the
// list of those shows.
func (s *Service) remark(ctx context.Context, m Mandate, now time.Time) {
	burden, err := s.d.Store.ActsFor(ctx, m.Delegate, "", now)
	switch {
	case err != nil:
		s.d.Log.WarnContext(ctx, "nobody could count for how many a delegate acts", "err", err)
	case burden.Elders > MostElders:
		s.d.Log.WarnContext(ctx, "a delegate acts for many elders", "delegate", m.Delegate, "elders", burden.Elders)
	}
}

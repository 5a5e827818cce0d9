package mandate

import (
	"context"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// End ends a mandate at once, for either side, whatever became of it; ending
// an ended one is no failure. It fails with Private MANDATE_NOT_FOUND when it is
// not the actor's, and Forbidden ACTING_NOT_ALLOWED for whoever acts for another
// but an enterprise's legal representative.
func (s *Service) End(ctx context.Context, actor ids.Actor, id ids.MandateID) (Mandate, error) {
	const op = "mandate.End"
	if err := principal(op, actor); err != nil {
		return Mandate{}, err
	}
	var m Mandate
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		var err error
		m, err = s.d.Store.Lock(ctx, u, id)
		side := m.Of(actor.Subject)
		if fault.Is(err, fault.NotFound) || err == nil && side == "" {
			return hidden(op)
		}
		if err != nil || !m.EndedAt.IsZero() {
			return err
		}
		m.EndedAt, m.EndedBy = s.d.Clock.Now(), side
		if err := s.end(ctx, u, m, side); err != nil {
			return err
		}
		return s.d.ChangeLog.Append(ctx, u, changes.Revoked, changes.Mandate(m.ID))
	})
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	return m, nil
}

// end keeps a mandate's end and tells it; by is the side that it comes from,
// empty where it lapsed.
func (s *Service) end(ctx context.Context, u unit.Unit, m Mandate, by Side) error {
	if err := s.d.Store.Save(ctx, u, m); err != nil {
		return err
	}
	state := Ended
	if m.EndedAt.IsZero() {
		state = Lapsed
	}
	return s.d.Outbox.Append(ctx, u, Over{Mandate: m.ID, Principal: m.Principal, MadeBy: m.MadeBy, Delegate: m.Delegate, By: by, State: state})
}

// atOnce is how many mandates are ended, or told to have lapsed, in one unit.
const atOnce = 100

// Lapse tells of the mandates that stood and ended by themselves since it was
// last called; a job calls it now and then. It ends nothing: from the moment
// itself on, nobody acts by them.
func (s *Service) Lapse(ctx context.Context) error {
	for told := atOnce; told == atOnce; {
		err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			lapsed, err := s.d.Store.Lapsed(ctx, u, s.d.Clock.Now(), atOnce)
			if err != nil {
				return err
			}
			told = len(lapsed)
			for _, m := range lapsed {
				m.LapseTold = true
				if err := s.end(ctx, u, m, ""); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fault.Wrap("mandate.Lapse", err)
		}
	}
	return nil
}

// EndAll ends every mandate that who gave or took: its account was closed. Until
// it has run, whoever acts is refused by the account's own end.
func (s *Service) EndAll(ctx context.Context, who ids.SubjectID) error {
	const op = "mandate.EndAll"
	for {
		now := s.d.Clock.Now()
		open, err := s.d.Store.Open(ctx, who, now, atOnce)
		if err != nil || len(open) == 0 {
			return fault.Wrap(op, err)
		}
		err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			keys := make([]changes.Key, 0, len(open))
			for _, m := range open {
				m, err := s.d.Store.Lock(ctx, u, m.ID)
				if err != nil {
					return err
				}
				keys = append(keys, changes.Mandate(m.ID))
				if !m.EndedAt.IsZero() {
					continue
				}
				m.EndedAt = now
				if err := s.end(ctx, u, m, m.Of(who)); err != nil {
					return err
				}
			}
			return s.d.ChangeLog.Append(ctx, u, changes.Revoked, keys...)
		})
		if err != nil {
			return fault.Wrap(op, err)
		}
	}
}

// Sweep forgets the tries that no longer count; a job calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return fault.Wrap("mandate.Sweep", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.Sweep(ctx, u, s.d.Clock.Now().Add(-CodeLife))
	}))
}

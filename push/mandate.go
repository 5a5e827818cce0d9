package push

import (
	"cmp"
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
)

// As whom a person is told of a mandate.
const (
	asPrincipal = string(mandate.Principal)
	asDelegate  = string(mandate.Delegate)
	asMaker     = "MAKER" // who made it for an enterprise
)

// hearer is a person who is told of a mandate, and as whom.
type hearer struct {
	who ids.SubjectID
	as  string
}

// giver is who hears for the side that gave a mandate: whoever made it for an
// enterprise is told, not the enterprise.
func giver(principal, madeBy ids.SubjectID) hearer {
	if madeBy == "" {
		return hearer{principal, asPrincipal}
	}
	return hearer{madeBy, asMaker}
}

// MandateTaken tells who gave a mandate that somebody took it, and that it waits
// to be confirmed.
func (s *Service) MandateTaken(ctx context.Context, event ids.EventID, e mandate.Taken) error {
	return fault.Wrap("push.MandateTaken", s.ofMandate(ctx, event, e.Mandate, mandate.Accepted, giver(e.Principal, e.MadeBy)))
}

// MandateConfirmed tells both sides that a mandate stands, also the one that
// confirmed it: were it somebody else with their phone, they would know.
func (s *Service) MandateConfirmed(ctx context.Context, event ids.EventID, e mandate.Confirmed) error {
	return fault.Wrap("push.MandateConfirmed",
		s.ofMandate(ctx, event, e.Mandate, mandate.Standing, giver(e.Principal, e.MadeBy), hearer{e.Delegate, asDelegate}))
}

// MandateOver tells of a mandate's end the side that did not end it; both where
// it lapsed, or the event does not say who ended it. Nobody is told of one that
// nobody took: only its own giver could end it.
func (s *Service) MandateOver(ctx context.Context, event ids.EventID, e mandate.Over) error {
	if e.Delegate == "" {
		return nil
	}
	told := []hearer{}
	if e.By != mandate.Principal {
		told = append(told, giver(e.Principal, e.MadeBy))
	}
	if e.By != mandate.Delegate {
		told = append(told, hearer{e.Delegate, asDelegate})
	}
	return fault.Wrap("push.MandateOver", s.ofMandate(ctx, event, e.Mandate, cmp.Or(e.State, mandate.Ended), told...))
}

// ofMandate makes one notice for each hearer, all in one unit. Who stands on both
// sides, having confirmed for an enterprise what they took, is told once.
func (s *Service) ofMandate(ctx context.Context, event ids.EventID, id ids.MandateID, state mandate.State, told ...hearer) error {
	notices, devices := make([]Notice, len(told)), make([][]Device, len(told))
	for i, h := range told {
		n := Notice{
			ID: ids.NoticeID(s.IDs.New("ntc")), Subject: h.who, Kind: KindMandateMoved,
			State: string(state), Side: h.as, CreatedAt: s.Clock.Now(),
		}
		if h.as != asMaker { // a maker opens it in a sign-in for the enterprise alone
			n.Mandate = id
		}
		var err error
		if devices[i], err = s.Store.Devices(ctx, h.who); err != nil {
			return err
		}
		notices[i] = n
	}
	return s.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		for i, n := range notices {
			if _, err := s.add(ctx, u, n, event, devices[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

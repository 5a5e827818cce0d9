package mandate

import (
	"context"

	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// Page asks for a part of a list.
type Page struct {
	Size  int    // 1 to 100; 0 asks for 20
	After string // the cursor that the page before gave; empty for the newest
}

// List gives the mandates that the actor gave or took, over or not, the newest
// offer first, and the cursor of the next page, empty at the end. It fails with
// Invalid PAGE_INVALID, and Forbidden ACTING_NOT_ALLOWED for whoever acts for
// another but an enterprise's legal representative.
func (s *Service) List(ctx context.Context, actor ids.Actor, side Side, p Page) ([]Mandate, string, error) {
	const op = "mandate.List"
	if err := principal(op, actor); err != nil {
		return nil, "", err
	}
	if p.Size == 0 {
		p.Size = 20
	}
	at, last, ok := cursor.Parse(p.After)
	if p.Size < 1 || p.Size > 100 || !ok || side != Principal && side != Delegate {
		return nil, "", fault.New(op, fault.Invalid, "PAGE_INVALID")
	}
	list, err := s.d.Store.List(ctx, actor.Subject, side, Mark{OfferedAt: at, ID: ids.MandateID(last)}, p.Size+1)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if len(list) <= p.Size {
		return list, "", nil
	}
	list = list[:p.Size]
	end := list[p.Size-1]
	return list, cursor.Of(end.OfferedAt.UnixMicro(), string(end.ID)), nil
}

// Mandate gives one mandate to either side. It fails with Private
// MANDATE_NOT_FOUND for everybody else, and Forbidden ACTING_NOT_ALLOWED as List
// does; who acts by this very mandate may see it.
func (s *Service) Mandate(ctx context.Context, actor ids.Actor, id ids.MandateID) (Mandate, error) {
	const op = "mandate.Mandate"
	if err := principal(op, actor); err != nil && (actor.Mandate == "" || actor.Mandate != id) {
		return Mandate{}, err
	}
	m, err := s.d.Store.Mandate(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && m.Of(actor.Subject) == "" {
		return Mandate{}, hidden(op)
	}
	return m, fault.Wrap(op, err)
}

// Burden tells the principal for how many others the delegate acts; nobody yet
// where nobody has taken the offer. It fails as Mandate does, and with Private
// MANDATE_NOT_FOUND for everybody but the principal.
func (s *Service) Burden(ctx context.Context, actor ids.Actor, id ids.MandateID) (Burden, error) {
	const op = "mandate.Burden"
	m, err := s.Mandate(ctx, actor, id)
	if err != nil {
		return Burden{}, err
	}
	if m.Of(actor.Subject) != Principal || actor.Mandate != "" {
		return Burden{}, hidden(op)
	}
	if m.Delegate == "" {
		return Burden{}, nil
	}
	b, err := s.d.Store.ActsFor(ctx, m.Delegate, m.Principal, s.d.Clock.Now())
	return b, fault.Wrap(op, err)
}

// mostFlags bounds what operators read at once.
const mostFlags = 1000

// Flagged gives the delegates of more than MostElders elders, those of most
// first: for operators, who look whether that is right.
func (s *Service) Flagged(ctx context.Context) ([]Flag, error) {
	list, err := s.d.Store.Flagged(ctx, MostElders, s.d.Clock.Now(), mostFlags)
	return list, fault.Wrap("mandate.Flagged", err)
}

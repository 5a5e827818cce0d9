package visit

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/ledger"
)

// How far a page looks through a person's cases. Our choice: who has more than
// two thousand finds the older ones by the next page.
const batch, batches = 100, 20

// What the ledger says of a look at one's cases inside the app that handles
// them: the person asked for them there before.
const (
	casesPurpose = "在应用内查看本人在该应用办理的事项"
	casesBasis   = "本人申请(依申请办理)"
)

// caseFields are what a mini-app is told of a case, as the ledger calls it.
func caseFields() []string { return []string{"case_number", "case_item", "case_state"} }

// Cases gives the person's cases that the visit's app handles, newest first. It
// fails with Invalid PAGE_MALFORMED, Forbidden ACTING_NOT_ALLOWED, and as
// Permit does.
func (s *Service) Cases(ctx context.Context, v ids.Visit, page casework.Page) (casework.Cases, error) {
	const op = "visit.Cases"
	permit, err := s.d.Permits.Permit(ctx, v)
	if err != nil {
		return casework.Cases{}, fault.Wrap(op, err)
	}
	if page.First == 0 {
		page.First = 20
	}
	if page.First < 1 || page.First > batch {
		return casework.Cases{}, fault.New(op, fault.Invalid, "PAGE_MALFORMED")
	}
	out, err := s.handled(ctx, v, page)
	if err != nil {
		return casework.Cases{}, fault.Wrap(op, err)
	}
	return out, fault.Wrap(op, s.tell(ctx, ofCases(permit, v, "")))
}

// handled reads on until the page is full or the cases end.
func (s *Service) handled(ctx context.Context, v ids.Visit, page casework.Page) (casework.Cases, error) {
	out := casework.Cases{Cases: []casework.Case{}}
	next := page.After
	for range batches {
		some, err := s.d.Cases.Mine(ctx, v.Actor, casework.Page{First: batch, After: next})
		if err != nil {
			return casework.Cases{}, err
		}
		for _, c := range some.Cases {
			if !known(c, v.App) {
				continue
			}
			if len(out.Cases) == page.First {
				out.Next = out.Cases[page.First-1].Cursor()
				return out, nil
			}
			out.Cases = append(out.Cases, c)
		}
		if next = some.Next; next == "" {
			return out, nil
		}
	}
	out.Next = next
	return out, nil
}

// Case gives one case of the person that the visit's app handles, with its
// moves; Private CASE_UNKNOWN for any other, and otherwise as Cases.
func (s *Service) Case(ctx context.Context, v ids.Visit, id ids.CaseID) (casework.Case, error) {
	const op = "visit.Case"
	permit, err := s.d.Permits.Permit(ctx, v)
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	c, err := s.own(ctx, v, id)
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	return c, fault.Wrap(op, s.tell(ctx, ofCases(permit, v, id)))
}

func (s *Service) own(ctx context.Context, v ids.Visit, id ids.CaseID) (casework.Case, error) {
	c, err := s.d.Cases.Case(ctx, v.Actor, id)
	if err == nil && !known(c, v.App) {
		return casework.Case{}, fault.New("visit.own", fault.Private, "CASE_UNKNOWN")
	}
	return c, err
}

// known tells whether the case is the app's own and has been sent to it: what
// waits for its fee, nobody there has heard of.
func known(c casework.Case, app ids.AppID) bool {
	return c.App == app && c.State != casework.PaymentDue && c.State != casework.Closed
}

func ofCases(permit access.Permit, v ids.Visit, id ids.CaseID) ledger.Entry {
	e := permit.HandOver(nil, caseFields())
	e.Purpose, e.Basis, e.Case = casesPurpose, casesBasis, id
	return e
}

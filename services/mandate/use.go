package mandate

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/ledger"
)

// Basis is what the ledger says a delegate's act rests on.
const Basis = "本人授权代办"

// Use is the ledger's entry of what a delegate gets to see or does itself, by
// the names of the fields. What a delegate hands to somebody else is an entry of
// that receiver, with By.
func Use(actor ids.Actor, purpose string, fields []string) ledger.Entry {
	return ledger.Entry{
		Subject: actor.Subject, By: actor.By,
		Receiver: ledger.Receiver{Kind: ledger.Delegate, ID: string(actor.Mandate), Name: "代办人"},
		Purpose:  purpose, Fields: fields, Basis: Basis,
	}
}

// Begun is the entry of a token that lets a delegate act for some minutes: what
// it may look at meanwhile, by the first word of each scope.
func Begun(m Mandate) ledger.Entry {
	fields := []string{}
	for _, scope := range m.Scopes.List() {
		if kind := scope.Kind(); !slices.Contains(fields, kind) {
			fields = append(fields, kind)
		}
	}
	return Use(m.Actor(), "代办人开始代为办理", fields)
}

// Acts gives what was done by the mandate, as the principal's ledger tells it,
// the newest first, and the cursor of the next page. Either side sees the same;
// what the principal did itself, or others for it, the delegate never sees. It
// fails as Mandate does, and as the ledger does for a page.
func (s *Service) Acts(ctx context.Context, actor ids.Actor, id ids.MandateID, p Page) ([]ledger.Entry, string, error) {
	const op = "mandate.Acts"
	m, err := s.Mandate(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	if m.ConfirmedAt.IsZero() {
		return []ledger.Entry{}, "", nil
	}
	until := m.Until
	if !m.EndedAt.IsZero() && m.EndedAt.Before(until) {
		// What was under way when it ended is still entered.
		until = m.EndedAt.Add(time.Minute)
	}
	list, next, err := s.d.Ledger.List(ctx, m.Principal, ledger.Page{
		Size: p.Size, After: p.After, Filter: ledger.Filter{By: m.Delegate, From: m.ConfirmedAt, Until: until},
	})
	return list, next, fault.Wrap(op, err)
}

package casework

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// Mine gives the subject's own cases, newest first. It fails with Invalid
// PAGE_MALFORMED for a size out of range or a cursor that is not ours, and
// with Forbidden ACTING_NOT_ALLOWED for one who acts for another without the
// scope to see all.
func (s *Service) Mine(ctx context.Context, actor ids.Actor, p Page) (Cases, error) {
	const op = "casework.Mine"
	if err := may(op, actor, ids.ScopeSpace); err != nil {
		return Cases{}, err
	}
	if p.First == 0 {
		p.First = 20
	}
	after, ok := parseCursor(p.After)
	if !ok || p.First < 1 || p.First > 100 {
		return Cases{}, fault.New(op, fault.Invalid, "PAGE_MALFORMED")
	}
	read := func() (Cases, error) { return s.page(ctx, actor.Subject, after, p.First) }
	if p.After != "" {
		changes.Passes(ctx)
		out, err := read()
		return out, fault.Wrap(op, err)
	}
	out, err := s.mine.Read(ctx, minePage{actor.Subject, p.First}, []changes.Key{Key(actor.Subject)}, read)
	return out, fault.Wrap(op, err)
}

func (s *Service) page(ctx context.Context, subject ids.SubjectID, after Cursor, first int) (Cases, error) {
	list, err := s.d.Store.Newest(ctx, subject, after, first+1)
	if err != nil {
		return Cases{}, err
	}
	out := Cases{Cases: list}
	if len(list) > first {
		out.Cases = list[:first]
		out.Next = out.Cases[first-1].Cursor()
	}
	return out, s.withPayments(ctx, subject, out.Cases)
}

// Case gives one case with its events; Private CASE_UNKNOWN when it is not the
// subject's own, so that nobody learns whether it exists; who acts for another
// needs the scope to see all, or that of the case's item. It fails with Forbidden
// ACTING_NOT_ALLOWED for one who acts for another and has neither for any item.
func (s *Service) Case(ctx context.Context, actor ids.Actor, id ids.CaseID) (Case, error) {
	const op = "casework.Case"
	if !actor.May(ids.ScopeSpace) && !actor.MaySome(ids.ScopeMatter("")) {
		return Case{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	c, err := s.d.Store.Case(ctx, id)
	seen := c.Subject == actor.Subject && (actor.May(ids.ScopeSpace) || actor.May(ids.ScopeMatter(c.Item)))
	if fault.Is(err, fault.NotFound) || err == nil && !seen {
		return Case{}, fault.New(op, fault.Private, "CASE_UNKNOWN")
	}
	if err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	if c.Events, err = s.d.Store.Events(ctx, c.Subject, c.ID); err != nil {
		return Case{}, fault.Wrap(op, err)
	}
	one := []Case{c}
	err = s.withPayments(ctx, c.Subject, one)
	return one[0], fault.Wrap(op, err)
}

// Cursor gives the case's place in its subject's list, for Page.After.
func (c Case) Cursor() string {
	return cursor.Of(c.CreatedAt.UnixMicro(), string(c.ID))
}

func parseCursor(c string) (Cursor, bool) {
	at, id, ok := cursor.Parse(c)
	if !ok || c == "" {
		return Cursor{}, ok
	}
	return Cursor{At: time.UnixMicro(at).UTC(), Case: ids.CaseID(id)}, true
}

package ledger

import (
	"context"

	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// List gives the uses of the subject's data, the newest first, and the cursor
// of the next page, empty at the end. It fails with Invalid
// LEDGER_CURSOR_INVALID, LEDGER_PAGE_INVALID or LEDGER_FILTER_INVALID.
func (s *Service) List(ctx context.Context, subject ids.SubjectID, p Page) ([]Entry, string, error) {
	const op = "ledger.List"
	if p.Size == 0 {
		p.Size = 20
	}
	if p.Size < 1 || p.Size > 100 {
		return nil, "", fault.New(op, fault.Invalid, "LEDGER_PAGE_INVALID")
	}
	if err := p.Filter.check(); err != nil {
		return nil, "", err
	}
	before, err := placeOf(op, p.After, inList)
	if err != nil {
		return nil, "", err
	}
	entries, err := s.d.Store.Newest(ctx, subject, p.Filter, before, p.Size+1)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if len(entries) <= p.Size {
		return entries, "", nil
	}
	entries = entries[:p.Size]
	return entries, cursor.Of(entries[p.Size-1].Seq, inList), nil
}

// check refuses a filter that could let nothing through by mistake.
func (f Filter) check() error {
	bad := f.Kind != "" && !f.Kind.known() || len(f.Receiver) > 4*maxName || len(f.Item) > 4*maxName || len(f.Purpose) > 4*maxText ||
		!f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until)
	if bad {
		return fault.New("ledger.List", fault.Invalid, "LEDGER_FILTER_INVALID")
	}
	return nil
}

// State gives how many uses there were and the newest of them, if any.
func (s *Service) State(ctx context.Context, subject ids.SubjectID) (State, error) {
	const op = "ledger.State"
	newest, err := s.d.Store.Newest(ctx, subject, Filter{}, 0, 1)
	if err != nil {
		return State{}, fault.Wrap(op, err)
	}
	if len(newest) == 1 {
		return State{Uses: newest[0].Seq, Newest: &newest[0]}, nil
	}
	head, err := s.d.Store.Head(ctx, subject)
	return State{Uses: head.Seq}, fault.Wrap(op, err)
}

// What a place is in: a list and an export end at different ones.
const (
	inList   = "use"
	inExport = "head"
)

// placeOf gives the sequence number of a cursor, 0 for the empty one.
func placeOf(op, c, in string) (int64, error) {
	seq, mark, ok := cursor.Parse(c)
	if !ok || c != "" && mark != in {
		return 0, fault.New(op, fault.Invalid, "LEDGER_CURSOR_INVALID")
	}
	return seq, nil
}

package consent

import (
	"context"

	"github.com/tongban/tongban/internal/cursor"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// List gives the subject's consents, standing, withdrawn and lapsed, the newest first,
// and the cursor of the next page, empty at the end. It fails with Invalid
// CONSENT_PAGE_INVALID or CONSENT_CURSOR_INVALID.
func (s *Service) List(ctx context.Context, subject ids.SubjectID, p Page) ([]Consent, string, error) {
	const op = "consent.List"
	if p.Size == 0 {
		p.Size = 20
	}
	if p.Size < 1 || p.Size > 100 {
		return nil, "", fault.New(op, fault.Invalid, "CONSENT_PAGE_INVALID")
	}
	at, id, ok := cursor.Parse(p.After)
	if !ok {
		return nil, "", fault.New(op, fault.Invalid, "CONSENT_CURSOR_INVALID")
	}
	below := Mark{GivenAt: at, ID: ids.ConsentID(id)}
	list, err := s.d.Store.List(ctx, subject, below, p.Size+1)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	for i, c := range list {
		list[i] = c.shown(now)
	}
	if len(list) <= p.Size {
		return list, "", nil
	}
	list = list[:p.Size]
	last := list[p.Size-1]
	return list, cursor.Of(last.GivenAt.UnixMicro(), string(last.ID)), nil
}

// History gives what was done with the subject's consent, the oldest first. It
// fails with Private CONSENT_NOT_FOUND when it is not the subject's own.
func (s *Service) History(ctx context.Context, subject ids.SubjectID, id ids.ConsentID) ([]Act, error) {
	const op = "consent.History"
	acts, err := s.d.Store.Acts(ctx, subject, id)
	if err == nil && len(acts) == 0 {
		return nil, fault.New(op, fault.Private, "CONSENT_NOT_FOUND")
	}
	return acts, fault.Wrap(op, err)
}

// Text gives the words of a version that somebody agreed to. It fails with
// NotFound CONSENT_TEXT_NOT_FOUND.
func (s *Service) Text(ctx context.Context, version string) (Text, error) {
	t, err := s.d.Store.Text(ctx, version)
	return t, fault.Wrap("consent.Text", err)
}

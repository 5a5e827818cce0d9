package consent

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// UsesKey moves with every consent that the subject gives or withdraws, and
// with nothing else.
func UsesKey(subject ids.SubjectID) changes.Key {
	return changes.Key("consent-uses/" + string(subject))
}

// keptUses is for how many subjects the apps they use are kept in memory.
const keptUses = 20_000

// using is what apps a subject uses, and until when nothing of it lapses.
type using struct {
	apps  map[ids.AppID]bool
	until time.Time // zero for no end
}

// Uses gives the apps with which the subject has a standing consent: what a
// person uses and has not turned away from. The map is shared: never change it.
func (s *Service) Uses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error) {
	const op = "consent.Uses"
	read := func() (using, error) { return s.readUses(ctx, subject) }
	u, err := s.uses.Read(ctx, subject, []changes.Key{UsesKey(subject)}, read)
	if err == nil && !u.until.IsZero() && !s.d.Clock.Now().Before(u.until) { // kept from before something lapsed
		u, err = read()
	}
	if err == nil && !u.until.IsZero() {
		changes.RestsUntil(ctx, u.until)
	}
	return u.apps, fault.Wrap(op, err)
}

func (s *Service) readUses(ctx context.Context, subject ids.SubjectID) (using, error) {
	const page = 100
	now, u := s.d.Clock.Now(), using{apps: map[ids.AppID]bool{}}
	for below := (Mark{}); ; {
		list, err := s.d.Store.List(ctx, subject, below, page)
		if err != nil {
			return using{}, err
		}
		for _, c := range list {
			if c.at(now).State != Stands {
				continue
			}
			u.apps[c.App] = true
			if last := c.LapsesAt(); !last.IsZero() && (u.until.IsZero() || last.Before(u.until)) {
				u.until = last
			}
		}
		if len(list) < page {
			return u, nil
		}
		last := list[len(list)-1]
		below = Mark{GivenAt: last.GivenAt.UnixMicro(), ID: last.ID}
	}
}

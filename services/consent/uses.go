package consent

import (
	"context"

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

// Uses gives the apps with which the subject has a standing consent: what a
// person uses and has not turned away from. The map is shared: never change it.
func (s *Service) Uses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error) {
	uses, err := s.uses.Read(ctx, subject, []changes.Key{UsesKey(subject)}, func() (map[ids.AppID]bool, error) {
		return s.readUses(ctx, subject)
	})
	return uses, fault.Wrap("consent.Uses", err)
}

func (s *Service) readUses(ctx context.Context, subject ids.SubjectID) (map[ids.AppID]bool, error) {
	const page = 100
	uses := map[ids.AppID]bool{}
	for below := (Mark{}); ; {
		list, err := s.d.Store.List(ctx, subject, below, page)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if c.WithdrawnAt.IsZero() {
				uses[c.App] = true
			}
		}
		if len(list) < page {
			return uses, nil
		}
		last := list[len(list)-1]
		below = Mark{GivenAt: last.GivenAt.UnixMicro(), ID: last.ID}
	}
}

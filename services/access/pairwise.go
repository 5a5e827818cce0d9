package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// pairwise gives the name by which only this app knows the person (OpenID
// Connect Core §8.1), or only the apps of the sector that one operator declared.
func (s *Service) pairwise(app miniapp.App, subject ids.SubjectID) string {
	place := "access.pairwise/" + string(app.ID)
	if sector := app.Manifest.Token.Sector; sector != "" {
		// The operator's code keeps a sector from being joined by another's app.
		place = "access.pairwise.sector/" + app.Manifest.Operator.CreditCode + "/" + sector
	}
	return s.d.Keys.Index(place, string(subject))
}

// Pairwise gives the name by which only this app knows the person: the sub of
// its tokens, and of whatever else is said to it about the person. It fails
// with NotFound for an app that was never published.
func (s *Service) Pairwise(ctx context.Context, id ids.AppID, subject ids.SubjectID) (string, error) {
	app, err := s.d.Apps.App(ctx, id)
	if err != nil {
		return "", fault.Wrap("access.Pairwise", err)
	}
	return s.pairwise(app, subject), nil
}

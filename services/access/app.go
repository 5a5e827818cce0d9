package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// AuthenticateApp tells which app's back end shows the assertion: a JWT signed
// by a key of its manifest, as at the token endpoint, that works once. It fails
// with Unauthenticated OAUTH_INVALID_CLIENT, and Unavailable.
func (s *Service) AuthenticateApp(ctx context.Context, assertion string) (ids.AppID, error) {
	c, err := s.admit(ctx, call{auth: ClientAuth{AssertionType: AssertionType, Assertion: assertion}})
	if err != nil {
		return "", fault.Wrap("access.AuthenticateApp", err)
	}
	return c.app.ID, nil
}

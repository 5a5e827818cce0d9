package access

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// Revoke ends what a token gave (RFC 7009): our app's refresh token its
// session, a mini-app's access or refresh token its grant. An unknown token is no
// failure. It fails with OAUTH_INVALID_CLIENT, OAUTH_INVALID_REQUEST and, for
// our app's access tokens, OAUTH_UNSUPPORTED_TOKEN_TYPE: they end with their session.
func (s *Service) Revoke(ctx context.Context, auth ClientAuth, token string) error {
	const op = "access.Revoke"
	c, err := s.admit(ctx, call{auth: auth})
	if err != nil {
		return fault.Wrap(op, err)
	}
	if token == "" {
		return refuse(op, "invalid_request", "token is missing")
	}
	if !c.mobile() && strings.Count(token, ".") == 0 {
		return s.revokeOffline(ctx, c, token)
	}
	if !c.mobile() {
		p, err := s.presentAt(ctx, token, s.anyAudience)
		if fault.Is(err, fault.Unauthenticated) || err == nil && p.app.ID != c.app.ID {
			return nil
		}
		if err != nil {
			return fault.Wrap(op, err)
		}
		return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			_, err := s.endQuietly(ctx, u, Of{ID: p.grant.ID}, 1)
			return err
		}))
	}
	if strings.Count(token, ".") == 2 {
		return refuse(op, "unsupported_token_type", "revoke the refresh token")
	}
	t, err := find[refreshBody](ctx, s, KindRefresh, token)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	if t.B.Client != c.id {
		return nil
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Identity.EndSessionIn(ctx, u, t.B.Session)
	}))
}

// revokeOffline ends the grant of a mini-app's refresh token.
func (s *Service) revokeOffline(ctx context.Context, c client, token string) error {
	const op = "access.revokeOffline"
	t, err := find[refreshBody](ctx, s, KindRefresh, token)
	if fault.Is(err, fault.NotFound) || err == nil && t.B.Client != c.id {
		return nil
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		_, err := s.endQuietly(ctx, u, Of{ID: t.B.Grant}, 1)
		return err
	}))
}

package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/access/signing"
)

// inactive is what is told of a token that is not good now, or not the caller's.
func inactive() map[string]any { return map[string]any{"active": false} }

// active tells of a good token what it says.
func active(c signing.Claims) map[string]any {
	answer := map[string]any{"active": true, "token_type": tokenType(thumbprint(c))}
	for _, claim := range []string{"iss", "aud", "sub", "act", "cnf", "sid", "client_id", "scope", levelField, "gov_mandate", "iat", "exp", "jti"} {
		if v, has := c[claim]; has {
			answer[claim] = v
		}
	}
	return answer
}

// Introspect tells a mini-app whether its own access token is good now (RFC
// 7662). Any other token is inactive. An active answer is a use and stands in the
// ledger. It fails with OAUTH_INVALID_CLIENT, and Unavailable.
func (s *Service) Introspect(ctx context.Context, auth ClientAuth, token string) (map[string]any, error) {
	const op = "access.Introspect"
	c, err := s.admit(ctx, call{auth: auth})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if c.mobile() {
		return nil, refuse(op, "invalid_client", "this client introspects by its access token and a proof")
	}
	p, err := s.present(ctx, token)
	if fault.Is(err, fault.Unauthenticated) || err == nil && p.app.ID != c.app.ID {
		return inactive(), nil
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := s.record(ctx, p, Shown{}, nil); err != nil {
		return nil, fault.Wrap(op, err)
	}
	return active(p.claims), nil
}

// IntrospectOwn tells our app, which shows an access token of its own, whether
// another one of the same sign-in and key is good now; the two may be the same
// (RFC 7662 §2.1: a public client has no other way to be authorized). Any other
// token is inactive. It fails with OAUTH_INVALID_TOKEN, DPOP_… codes, and
// Unavailable.
func (s *Service) IntrospectOwn(ctx context.Context, by Presented, token string) (map[string]any, error) {
	const op = "access.IntrospectOwn"
	own, err := s.standing(ctx, by.Token, s.MobileAudience())
	if fault.Is(err, fault.Unauthenticated) {
		return nil, badToken(op).Because(err)
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	shown, err := s.shownBy(by, own.key)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := s.SpendOnce(ctx, shown); err != nil {
		return nil, fault.Wrap(op, err)
	}
	asked, err := s.standing(ctx, token, s.MobileAudience())
	if fault.Is(err, fault.Unauthenticated) || err == nil && (asked.Session != own.Session || asked.key != own.key) {
		return inactive(), nil
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	claims, err := signing.Peek(token)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	return active(claims), nil
}

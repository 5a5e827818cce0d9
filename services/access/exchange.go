package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// accessTokenType is the type of an access token (RFC 8693 §3).
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

// exchange answers a token exchange (RFC 8693). A mini-app's back end gets, for
// an access token of its own, one for another audience or of less scope, which
// ends no later. Our own app gets, for a mandate and its own token, one by which
// who is signed in acts for another. It fails with OAUTH_INVALID_REQUEST where a token is not good
// or not the client's, OAUTH_INVALID_TARGET, OAUTH_INVALID_SCOPE.
func (s *Service) exchange(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.exchange"
	x := r.Exchange
	switch {
	case x.RequestedType != "" && x.RequestedType != accessTokenType:
		return Tokens{}, refuse(op, "invalid_request", "requested_token_type must be left out or be "+accessTokenType)
	case x.SubjectToken == "" || x.SubjectType == "":
		return Tokens{}, refuse(op, "invalid_request", "subject_token or subject_token_type is missing")
	case (x.ActorToken == "") != (x.ActorType == ""):
		return Tokens{}, refuse(op, "invalid_request", "actor_token and actor_token_type go together")
	case x.Audience != "":
		return Tokens{}, refuse(op, "invalid_target", "name the target by resource")
	case c.mobile():
		return s.exchangeMandate(ctx, c, r)
	case x.SubjectType != accessTokenType:
		return Tokens{}, refuse(op, "invalid_request", "subject_token_type must be "+accessTokenType)
	case x.ActorToken != "":
		// Who acts stands in the subject's token already, and nobody acts for
		// somebody who acts.
		return Tokens{}, refuse(op, "invalid_request", "an actor_token is not taken here")
	}
	return s.exchangeOwn(ctx, c, r)
}

// exchangeOwn exchanges a mini-app's own access token.
func (s *Service) exchangeOwn(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.exchangeOwn"
	bad := refuse(op, "invalid_request", "subject_token is not an access token of this client that is good now")
	p, err := s.presentAt(ctx, r.Exchange.SubjectToken, s.anyAudience)
	if fault.Is(err, fault.Unauthenticated) || err == nil && p.app.ID != c.app.ID {
		return Tokens{}, bad.Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if err := s.checkResource(c.app, r.Resource); err != nil {
		return Tokens{}, err
	}
	scope, err := narrowed(r.Scope, p.claims.String("scope"))
	if err != nil {
		return Tokens{}, err
	}
	now, until := s.d.Clock.Now(), p.claims.ExpiresAt()
	if end := s.until(s.life(c.app, p.grant.Place, r.Resource), p.session, p.given); end.Before(until) {
		until = end
	}
	made := issue{
		key: c.key, resource: r.Resource, scope: granted(scope, c.app, p.given), from: now, until: until, role: p.session.Role,
	}
	tokens, err := s.accessToken(ctx, c.app, p.grant, made)
	if err != nil {
		return Tokens{}, err
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.goesOn(ctx, u, c.app, p.grant, p.given, made)
	})
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) || fault.CodeOf(err) == "GRANT_ENDED" {
		return Tokens{}, bad.Because(err)
	}
	tokens.Issued = accessTokenType
	return tokens, fault.Wrap(op, err)
}

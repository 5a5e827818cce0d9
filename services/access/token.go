package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// tokenPath is the token endpoint's.
const tokenPath = "/oauth2/token"

// exchangeGrant is the grant type of a token exchange (RFC 8693 §2.1).
const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"

// grantTypes are those of the token endpoint.
func grantTypes() []string {
	return []string{"authorization_code", "refresh_token", "client_credentials", exchangeGrant}
}

// Token answers the token endpoint. It fails with OAUTH_… and DPOP_… codes, and
// Unavailable when what was asked may be asked again.
func (s *Service) Token(ctx context.Context, r TokenRequest) (Tokens, error) {
	const op = "access.Token"
	switch r.GrantType {
	case "":
		return Tokens{}, refuse(op, "invalid_request", "grant_type is missing")
	case "authorization_code", "refresh_token", exchangeGrant:
	case "client_credentials":
		return s.officerToken(ctx, r)
	default:
		return Tokens{}, refuse(op, "unsupported_grant_type", "grant_type must be authorization_code, refresh_token, client_credentials or token-exchange")
	}
	c, err := s.admit(ctx, call{auth: r.Client, proof: r.Proof, path: tokenPath})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if err := s.needsKey(c); err != nil {
		return Tokens{}, err
	}
	switch {
	case r.GrantType == "authorization_code":
		return s.redeem(ctx, c, r)
	case r.GrantType == exchangeGrant:
		return s.exchange(ctx, c, r)
	case c.mobile():
		return s.refresh(ctx, c, r)
	}
	return s.renew(ctx, c, r)
}

// redeem gives tokens for a code, once. A second use ends what the first gave.
func (s *Service) redeem(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.redeem"
	bad := func(why string) error { return refuse(op, "invalid_grant", why) }
	unknown := bad("the code is unknown, or of another client")
	code, err := find[codeBody](ctx, s, KindCode, r.Code)
	if fault.Is(err, fault.NotFound) {
		return Tokens{}, unknown
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	twice := bad("the code was used before; what it gave has ended")
	switch {
	case code.B.Client != c.id:
		return Tokens{}, unknown
	case !code.UsedAt.IsZero():
		return Tokens{}, s.usedTwice(ctx, c, code, twice)
	case !code.good(s.d.Clock.Now()):
		return Tokens{}, bad("the code has lapsed: it is good for 60 s")
	case code.B.RedirectURI != r.RedirectURI:
		return Tokens{}, bad("redirect_uri is not that of the authorization request")
	case !proves(r.Verifier, code.B.Challenge):
		return Tokens{}, bad("code_verifier does not fit the code_challenge")
	case code.B.Key != "" && code.B.Key != c.key:
		return Tokens{}, bad("the code is bound to the key by which its request was pushed: prove that one")
	}
	resource, err := s.resource(c, r.Resource, code.B.Resource)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	if c.mobile() {
		tokens, err = s.signIn(ctx, c, code)
	} else {
		tokens, err = s.grant(ctx, c, code, resource)
	}
	if fault.CodeOf(err) == "TICKET_USED" {
		return Tokens{}, s.usedTwice(ctx, c, code, twice)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return tokens, nil
}

// usedTwice ends what the first use of the code gave, since one of the two
// uses was a thief's (RFC 6749 §4.1.2), and gives bad.
func (s *Service) usedTwice(ctx context.Context, c client, code found[codeBody], bad error) error {
	const op = "access.usedTwice"
	s.d.Log.WarnContext(ctx, "a code was used twice", "client", c.id)
	now, err := s.d.Store.Ticket(ctx, KindCode, code.Hash)
	if err != nil {
		return fault.Wrap(op, err)
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if c.mobile() {
			return s.d.Identity.EndSessionIn(ctx, u, code.B.Session)
		}
		_, err := s.endIn(ctx, u, Of{ID: now.Gave}, 1)
		return err
	})
	if err != nil {
		return fault.Wrap(op, err)
	}
	return bad
}

// signIn gives our app its first tokens.
func (s *Service) signIn(ctx context.Context, c client, code found[codeBody]) (Tokens, error) {
	body := refreshBody{Client: MobileClient, Session: code.B.Session, Scope: code.B.Scope, Key: c.key}
	return s.mobileTokens(ctx, code.Ticket, body, sessionUse{read: s.d.Identity.BegunSession, hold: s.d.Identity.OpenSession})
}

package access

import (
	"context"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// Token answers the token endpoint. It fails with OAUTH_… codes, and
// Unavailable when what was asked may be asked again.
func (s *Service) Token(ctx context.Context, r TokenRequest) (Tokens, error) {
	const op = "access.Token"
	switch r.GrantType {
	case "":
		return Tokens{}, refuse(op, "invalid_request", "grant_type is missing")
	case "authorization_code", "refresh_token":
	case "client_credentials":
		return s.officerToken(ctx, r)
	default:
		return Tokens{}, refuse(op, "unsupported_grant_type", "grant_type must be authorization_code, refresh_token or client_credentials")
	}
	c, err := s.authenticate(ctx, r.Client)
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if r.GrantType == "authorization_code" {
		return s.redeem(ctx, c, r)
	}
	if !c.mobile() {
		return Tokens{}, refuse(op, "unauthorized_client", "mini-apps launch again instead of refreshing")
	}
	return s.refresh(ctx, r)
}

// redeem gives tokens for a code, once. A second use ends what the first gave.
func (s *Service) redeem(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.redeem"
	bad := refuse(op, "invalid_grant", "the code is unknown, used, lapsed, or of another client or request")
	code, err := find[codeBody](ctx, s, KindCode, r.Code)
	if fault.Is(err, fault.NotFound) {
		return Tokens{}, bad
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if code.B.Client != c.id {
		return Tokens{}, bad
	}
	if !code.UsedAt.IsZero() {
		return Tokens{}, s.usedTwice(ctx, c, code, bad)
	}
	if !code.good(s.d.Clock.Now()) || code.B.RedirectURI != r.RedirectURI || !proves(r.Verifier, code.B.Challenge) {
		return Tokens{}, bad
	}
	resource, err := s.resource(c, r.Resource, code.B.Resource)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	if c.mobile() {
		tokens, err = s.signIn(ctx, code)
	} else {
		tokens, err = s.grant(ctx, c.app, code, resource)
	}
	if fault.CodeOf(err) == "TICKET_USED" {
		return Tokens{}, s.usedTwice(ctx, c, code, bad)
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
		return s.d.Store.EndGrant(ctx, u, now.Gave, s.d.Clock.Now())
	})
	if err != nil {
		return fault.Wrap(op, err)
	}
	return bad
}

// signIn gives our app its first tokens.
func (s *Service) signIn(ctx context.Context, code found[codeBody]) (Tokens, error) {
	return s.mobileTokens(ctx, code.Ticket, refreshBody{Client: MobileClient, Session: code.B.Session, Scope: code.B.Scope})
}

// refresh rotates a refresh token. A second use of one ends the session: the
// app keeps only the newest, so the other user is a thief, or the app is.
func (s *Service) refresh(ctx context.Context, r TokenRequest) (Tokens, error) {
	const op = "access.refresh"
	bad := refuse(op, "invalid_grant", "the refresh token is unknown, used, or has lapsed, or its session has ended")
	t, err := find[refreshBody](ctx, s, KindRefresh, r.RefreshToken)
	if fault.Is(err, fault.NotFound) {
		return Tokens{}, bad
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if _, err := s.resource(client{id: MobileClient}, r.Resource, ""); err != nil {
		return Tokens{}, err
	}
	if r.Scope != "" && r.Scope != t.B.Scope {
		return Tokens{}, refuse(op, "invalid_scope", "scope can't change")
	}
	if !s.d.Clock.Now().Before(t.ExpiresAt) {
		return Tokens{}, bad
	}
	tokens, err := Tokens{}, error(fault.New(op, fault.Conflict, "TICKET_USED"))
	if t.UsedAt.IsZero() {
		tokens, err = s.mobileTokens(ctx, t.Ticket, t.B)
	}
	if fault.CodeOf(err) == "TICKET_USED" {
		s.d.Log.WarnContext(ctx, "a refresh token was used twice", "client", t.B.Client)
		err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			return s.d.Identity.EndSessionIn(ctx, u, t.B.Session)
		})
		if err == nil {
			err = bad
		}
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return tokens, nil
}

// mobileTokens uses up the ticket for an access token and a new refresh token.
// For whom they are, and who acts, the session says.
func (s *Service) mobileTokens(ctx context.Context, used Ticket, body refreshBody) (Tokens, error) {
	const op = "access.mobileTokens"
	ended := refuse(op, "invalid_grant", "the session has ended")
	session, err := s.d.Identity.Session(ctx, body.Session)
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, ended.Because(err)
	}
	if err != nil {
		return Tokens{}, err
	}
	if session.Subject != used.Subject {
		return Tokens{}, ended
	}
	access, err := s.mobileToken(ctx, session, body.Scope)
	if err != nil {
		return Tokens{}, err
	}
	secret, ticket, err := s.fresh(KindRefresh, session.Subject, RefreshTTL, body)
	if err != nil {
		return Tokens{}, err
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.use(ctx, u, used, string(body.Session)); err != nil {
			return err
		}
		// Also holds the session, so that its end waits for this or comes before it.
		if _, err := s.d.Identity.UseSession(ctx, u, body.Session); err != nil {
			return err
		}
		return s.d.Store.Put(ctx, u, ticket)
	})
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, ended.Because(err)
	}
	return Tokens{AccessToken: access, RefreshToken: secret, Scope: body.Scope, ExpiresIn: accessLife(session, s.d.Clock.Now())}, err
}

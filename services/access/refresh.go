package access

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// refresh rotates our app's refresh token, which only the device may use that
// it is bound to. A second use of one ends the session, and with it all tokens
// that came of the sign-in: the app keeps only the newest, so one of the two
// users is a thief, or the app is.
func (s *Service) refresh(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.refresh"
	bad := refuse(op, "invalid_grant", "the refresh token is unknown, used, of another key, or has lapsed, or its session has ended")
	t, err := find[refreshBody](ctx, s, KindRefresh, r.RefreshToken)
	if fault.Is(err, fault.NotFound) || err == nil && (t.B.Client != c.id || t.B.Key != c.key) {
		return Tokens{}, bad
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if _, err := s.resource(c, r.Resource, ""); err != nil {
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
		tokens, err = s.mobileTokens(ctx, t.Ticket, t.B, sessionUse{read: s.d.Identity.Session, hold: s.d.Identity.UseSession})
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

// sessionUse is how a session is read, and then held in the unit that rests on
// it, so that its end waits for that or comes before it.
type sessionUse struct {
	read func(context.Context, ids.SessionID) (identity.Session, error)
	hold func(context.Context, unit.Unit, ids.SessionID) (identity.Session, error)
}

// mobileTokens uses up the ticket for an access token and a new refresh token.
// For whom they are, and who acts, the session says.
func (s *Service) mobileTokens(ctx context.Context, used Ticket, body refreshBody, of sessionUse) (Tokens, error) {
	const op = "access.mobileTokens"
	ended := refuse(op, "invalid_grant", "the session has ended")
	session, err := of.read(ctx, body.Session)
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, ended.Because(err)
	}
	if err != nil {
		return Tokens{}, err
	}
	if session.Subject != used.Subject {
		return Tokens{}, ended
	}
	access, err := s.mobileToken(ctx, session, body.Scope, body.Key)
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
		if _, err := of.hold(ctx, u, body.Session); err != nil {
			return err
		}
		return s.d.Store.Put(ctx, u, ticket)
	})
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, ended.Because(err)
	}
	return Tokens{
		AccessToken: access, RefreshToken: secret, Scope: body.Scope, ExpiresIn: accessLife(session, s.d.Clock.Now()), Type: tokenType(body.Key),
	}, err
}

// renew gives a mini-app a new access token for its refresh token, which stays
// as it is: its back end proves itself each time, so a new one would add
// nothing but a way to lose it (FAPI 2.0 §5.3.2.1).
func (s *Service) renew(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.renew"
	bad := refuse(op, "invalid_grant", "the refresh token is unknown or has lapsed, or what it rests on has ended")
	t, err := find[refreshBody](ctx, s, KindRefresh, r.RefreshToken)
	if fault.Is(err, fault.NotFound) || err == nil && (t.B.Client != c.id || !t.good(s.d.Clock.Now())) {
		return Tokens{}, bad
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	resource, err := s.resource(c, r.Resource, t.B.Resource)
	if err != nil {
		return Tokens{}, err
	}
	scope, err := narrowed(r.Scope, t.B.Scope)
	if err != nil {
		return Tokens{}, err
	}
	g, err := s.d.Store.Grant(ctx, t.B.Grant)
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if !g.EndedAt.IsZero() {
		return Tokens{}, bad
	}
	session, given, err := s.entitled(ctx, g.actor(), g.Session, c.app)
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
		return Tokens{}, bad.Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	made := issue{
		key: c.key, resource: resource, scope: granted(scope, c.app, given), from: now, until: s.until(s.life(c.app, g.Place, resource), session, given), role: session.Role,
	}
	if made.until.After(g.ExpiresAt) {
		made.until = g.ExpiresAt
	}
	tokens, err := s.accessToken(ctx, c.app, g, made)
	if err != nil {
		return Tokens{}, err
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.goesOn(ctx, u, c.app, g, given, made)
	})
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) || fault.CodeOf(err) == "GRANT_ENDED" {
		return Tokens{}, bad.Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return tokens, nil
}

// narrowed gives the scope asked for, which may only lose words.
func narrowed(asked, had string) (string, error) {
	if asked == "" {
		return had, nil
	}
	all := strings.Fields(had)
	for _, one := range strings.Fields(asked) {
		if !slices.Contains(all, one) {
			return "", refuse("access.narrowed", "invalid_scope", "scope may only be narrowed")
		}
	}
	return asked, nil
}

// offline gives a mini-app its refresh token, where it asked for one.
func (s *Service) offline(g Grant, resource string) (string, Ticket, error) {
	return s.fresh(KindRefresh, g.Subject, OfflineTTL, refreshBody{
		Client: string(g.App), Session: g.Session, Scope: g.Scope, Grant: g.ID, Resource: resource,
	})
}

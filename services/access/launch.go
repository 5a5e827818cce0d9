package access

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// OpenMiniApp gives the address that opens the app for actor, who is signed in
// by session (OpenID Connect third-party-initiated login). page is one of the
// manifest's pages or empty; target_link_uri is it, relative to the app's
// initiate_login_uri. It fails with NotFound MINIAPP_NOT_FOUND when no such app
// serves, Invalid PAGE_UNKNOWN, Unauthenticated SESSION_ENDED, Forbidden
// ACTING_NOT_ALLOWED, LEVEL_TOO_LOW (detail level_min) or CONSENT_REQUIRED.
func (s *Service) OpenMiniApp(ctx context.Context, actor ids.Actor, session ids.SessionID, id ids.AppID, page string) (Launch, error) {
	const op = "access.OpenMiniApp"
	app, err := s.app(ctx, id)
	if err != nil {
		return Launch{}, fault.Wrap(op, err)
	}
	address, err := entry(app, page)
	if err != nil {
		return Launch{}, err
	}
	if _, _, err := s.entitled(ctx, actor, session, app); err != nil {
		return Launch{}, fault.Wrap(op, err)
	}
	handle, ticket, err := s.fresh(KindHandle, actor.Subject, HandleTTL, handleBody{App: app.ID, By: actor.By, Mandate: actor.Mandate, Session: session})
	if err != nil {
		return Launch{}, err
	}
	if err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.d.Store.Put(ctx, u, ticket) }); err != nil {
		return Launch{}, fault.Wrap(op, err)
	}
	q := address.Query()
	q.Set("iss", s.d.Config.Issuer)
	q.Set("login_hint", handle)
	address.RawQuery = q.Encode()
	return Launch{URL: address.String(), ExpiresAt: ticket.ExpiresAt}, nil
}

// entry gives the app's initiate_login_uri, with target_link_uri for a page.
func entry(app miniapp.App, page string) (*url.URL, error) {
	const op = "access.entry"
	address, err := url.Parse(app.Manifest.Token.InitiateLoginURI)
	if err != nil {
		return nil, fault.New(op, fault.Internal, "MINIAPP_ADDRESS_INVALID").Because(err)
	}
	if page == "" {
		return address, nil
	}
	if !slices.Contains(app.Manifest.Pages, page) {
		return nil, fault.New(op, fault.Invalid, "PAGE_UNKNOWN")
	}
	target, err := address.Parse(page)
	if err != nil || target.Scheme != address.Scheme || target.Host != address.Host {
		return nil, fault.New(op, fault.Invalid, "PAGE_UNKNOWN").Because(err)
	}
	q := address.Query()
	q.Set("target_link_uri", target.String())
	address.RawQuery = q.Encode()
	return address, nil
}

// entitled tells whether the person may use the app now: signed in at the
// level the app wants, acting for another only where the app allows it, by a
// mandate that stands or in a session that the enterprise's source vouched for,
// and with what the app needs consented to. It is asked again at each step of a
// launch and at each use of what the launch gave.
func (s *Service) entitled(ctx context.Context, actor ids.Actor, id ids.SessionID, app miniapp.App) (identity.Session, consent.Grant, error) {
	const op = "access.entitled"
	session, err := s.d.Identity.Session(ctx, id)
	if err != nil {
		return identity.Session{}, consent.Grant{}, fault.Wrap(op, err)
	}
	if actor.Mandate != "" {
		err = s.acts(ctx, actor, session, app)
	} else {
		err = represents(actor, session, app)
	}
	if err != nil {
		return identity.Session{}, consent.Grant{}, fault.Wrap(op, err)
	}
	if least := app.Manifest.Token.LevelMin; levelOf(actor, session) < least {
		return identity.Session{}, consent.Grant{}, fault.New(op, fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", strconv.Itoa(least))
	}
	given, err := s.d.Consents.Grant(ctx, actor.Subject, Ask(app))
	if err != nil {
		return identity.Session{}, consent.Grant{}, fault.Wrap(op, err)
	}
	return session, given, nil
}

// represents fails unless the session is actor's own: a person's for itself, or,
// where the app allows it, one for an enterprise that its source vouched for.
func represents(actor ids.Actor, session identity.Session, app miniapp.App) error {
	const op = "access.represents"
	if actor.By != "" && (!app.Manifest.Token.ActAllowed || !session.Actor().Entitled()) {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	if session.Subject != actor.Subject || session.By != actor.By {
		return fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	return nil
}

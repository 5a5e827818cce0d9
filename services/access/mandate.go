package access

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/miniapp"
)

// MandateTokenType is the type of a mandate's id as a subject_token of our app:
// the id is no secret, and worth something only beside the delegate's own token.
const MandateTokenType = "urn:tongban:params:oauth:token-type:mandate"

// Mandates tells by what somebody acts for another; *mandate.Service does.
type Mandates interface {
	// Standing gives the mandate by which delegate may act now. It fails with
	// Private MANDATE_NOT_FOUND and Unauthenticated MANDATE_ENDED.
	Standing(ctx context.Context, id ids.MandateID, delegate ids.SubjectID) (mandate.Mandate, error)
	// Hold keeps it so until the unit ends. It fails with Unauthenticated
	// MANDATE_ENDED.
	Hold(ctx context.Context, u unit.Unit, id ids.MandateID, delegate ids.SubjectID) error
}

// actedLevel is the highest real-name level in which somebody acts for another:
// what wants a certificate or a counter wants the person itself. Our choice.
const actedLevel = identity.LevelPresent

// exchangeMandate exchanges our app's own token and a mandate for a token in which who is
// signed in acts for the principal. Its level is the delegate's own, its session
// the delegate's, and it is bound to the delegate's device. There is no refresh
// token: whoever acts asks again, and each time stands in the principal's ledger.
func (s *Service) exchangeMandate(ctx context.Context, c client, r TokenRequest) (Tokens, error) {
	const op = "access.exchangeMandate"
	x := r.Exchange
	if x.SubjectType != MandateTokenType || x.ActorType != accessTokenType {
		return Tokens{}, refuse(op, "invalid_request", "subject_token_type must be "+MandateTokenType+", actor_token_type "+accessTokenType)
	}
	own, err := s.standing(ctx, x.ActorToken, s.MobileAudience())
	if fault.Is(err, fault.Unauthenticated) || err == nil && (own.Client != c.id || own.key != c.key) {
		return Tokens{}, refuse(op, "invalid_request", "actor_token is not an access token of this app and device that is good now").Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if own.Actor.By != "" { // act is never deeper than one
		return Tokens{}, refuse(op, "invalid_request", "who acts for another acts for nobody else")
	}
	if _, err := s.resource(c, r.Resource, ""); err != nil {
		return Tokens{}, err
	}
	if r.Scope != "" && r.Scope != own.Scope {
		return Tokens{}, refuse(op, "invalid_scope", "scope can't change")
	}
	m, err := s.mandate(ctx, ids.Actor{By: own.Actor.Subject, Mandate: ids.MandateID(x.SubjectToken)})
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, refuse(op, "invalid_request", "subject_token is not a mandate of who is signed in that stands now").Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return s.actedToken(ctx, own, m)
}

// actedToken makes the token and enters it in the principal's ledger: what can't
// be recorded is not given.
func (s *Service) actedToken(ctx context.Context, own verifiedToken, m mandate.Mandate) (Tokens, error) {
	const op = "access.actedToken"
	session, err := s.d.Identity.Session(ctx, own.Session)
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, sessionOver(op, err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	until := now.Add(accessLife(session, now))
	if m.Until.Before(until) {
		until = m.Until
	}
	token, err := s.d.Signing.JWT(ctx, signing.EdDSA, accessType, accessClaims{
		Issuer: s.d.Config.Issuer, Audience: s.MobileAudience(), Subject: string(m.Principal), Act: &act{Subject: string(m.Delegate)},
		Mandate: string(m.ID), Confirm: boundTo(own.key), Session: string(own.Session), Client: MobileClient, Scope: own.Scope,
		Level: min(own.Level, actedLevel), IssuedAt: now.Unix(), Expires: until.Unix(), ID: s.d.IDs.New("at"),
	})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		// Also holds the session, so that its end waits for this or comes before it.
		if _, err := s.d.Identity.UseSession(ctx, u, own.Session); err != nil {
			return err
		}
		if err := s.d.Mandates.Hold(ctx, u, m.ID, m.Delegate); err != nil {
			return err
		}
		return s.d.Ledger.Record(ctx, u, mandate.Begun(m))
	})
	if fault.Is(err, fault.Unauthenticated) {
		return Tokens{}, sessionOver(op, err)
	}
	return Tokens{AccessToken: token, Scope: own.Scope, ExpiresIn: until.Sub(now), Type: tokenType(own.key), Issued: accessTokenType}, fault.Wrap(op, err)
}

func sessionOver(op string, err error) error {
	return refuse(op, "invalid_request", "the session or the mandate has ended").Because(err)
}

// mandate gives the mandate by which actor acts; its Subject, where it is known,
// must be the principal. It fails with Unauthenticated MANDATE_ENDED for whatever
// is wrong with it.
func (s *Service) mandate(ctx context.Context, actor ids.Actor) (mandate.Mandate, error) {
	const op = "access.mandate"
	if s.d.Mandates == nil {
		return mandate.Mandate{}, fault.New(op, fault.Unauthenticated, "MANDATE_ENDED")
	}
	m, err := s.d.Mandates.Standing(ctx, actor.Mandate, actor.By)
	if fault.Is(err, fault.Private) || err == nil && actor.Subject != "" && m.Principal != actor.Subject {
		return mandate.Mandate{}, fault.New(op, fault.Unauthenticated, "MANDATE_ENDED").Because(err)
	}
	return m, fault.Wrap(op, err)
}

// acts fails unless who acts by a mandate may open the app now, in a session of
// its own: with Forbidden ACTING_NOT_ALLOWED where app or mandate do not allow
// it, and Unauthenticated SESSION_ENDED or MANDATE_ENDED.
func (s *Service) acts(ctx context.Context, actor ids.Actor, session identity.Session, app miniapp.App) error {
	const op = "access.acts"
	if session.Subject != actor.By || session.By != "" {
		return fault.New(op, fault.Unauthenticated, "SESSION_ENDED")
	}
	m, err := s.mandate(ctx, actor)
	if err != nil {
		return err
	}
	if !app.Manifest.Token.ActAllowed || !m.Scopes.Allow(ids.ScopeApp(app.ID)) {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	return nil
}

// within cuts the times to the end of the mandate by which actor acts.
func (s *Service) within(ctx context.Context, actor ids.Actor, times ...*time.Time) error {
	if actor.Mandate == "" {
		return nil
	}
	m, err := s.mandate(ctx, actor)
	for _, t := range times {
		if err == nil && m.Until.Before(*t) {
			*t = m.Until
		}
	}
	return err
}

// levelOf is the level in which a session's person does something as actor.
func levelOf(actor ids.Actor, session identity.Session) int {
	if actor.Mandate != "" {
		return min(session.Level, actedLevel)
	}
	return session.Level
}

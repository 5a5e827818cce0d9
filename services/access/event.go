package access

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// eventType is the header's typ of a security event token (RFC 8417 §2.3).
const eventType = "secevent+jwt"

// The events we send, of the OpenID Continuous Access Evaluation Profile 1.0.
const (
	sessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
	claimsChanged  = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
)

// Receivers take signed events to where apps want them; eventhttp.Sender does.
type Receivers interface {
	// Push sends the event, once (RFC 8935). It fails with Invalid
	// EVENT_SENDER_REFUSED when the receiver does not take us for who we are,
	// Invalid EVENT_REFUSED when it can't use the event, and Unavailable
	// EVENT_NOT_TAKEN when it may take it later.
	Push(ctx context.Context, app ids.AppID, to, event string) error
}

// What became of a pushed event, for Deps.Pushed.
const (
	PushedTaken   = "taken"
	PushedRefused = "refused" // the receiver can't use it: its team is to look
	PushedAlarm   = "alarm"   // the receiver does not take us for who we are
	PushedLater   = "later"
)

// securityEvent are the claims of a security event token (RFC 8417 §2.2). It
// has no txn, which would tell two apps of one cause, and no exp.
type securityEvent struct {
	Issuer   string          `json:"iss"`
	Audience string          `json:"aud"`
	IssuedAt int64           `json:"iat"`
	ID       ids.EventID     `json:"jti"`
	Subject  complexSubject  `json:"sub_id"`
	Events   map[string]told `json:"events"`
}

// complexSubject names a person and one of its sessions as the app knows them
// (RFC 9493; "complex" is of the OpenID Shared Signals Framework 1.0).
type complexSubject struct {
	Format  string        `json:"format"`
	User    issSubject    `json:"user"`
	Session opaqueSubject `json:"session"`
}

type issSubject struct {
	Format  string `json:"format"`
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
}

type opaqueSubject struct {
	Format string `json:"format"`
	ID     string `json:"id"`
}

// told is an event's payload.
type told struct {
	// Claims have null for a value: the app may have them no longer.
	Claims map[string]*string `json:"claims,omitempty"`
}

// eventTime is how fine a pushed event tells the time. Our choice: the second
// in which a person signed out would tell two apps that it is one person.
const eventTime = time.Minute

// TellEnded tells an app that a grant has ended, so that it ends its own
// session. Each attempt sends the same claims, jti among them.
func (s *Service) TellEnded(ctx context.Context, id ids.EventID, e GrantEnded) error {
	return fault.Wrap("access.TellEnded", s.tell(ctx, tidings{
		id: id, app: e.App, subject: e.Subject, grant: e.Grant, at: e.At, events: map[string]told{sessionRevoked: {}},
	}))
}

// TellNarrowed tells an app which claims it has no longer, by their names.
func (s *Service) TellNarrowed(ctx context.Context, _ ids.EventID, e GrantNarrowed) error {
	lost := map[string]*string{}
	for _, claim := range e.Claims {
		lost[claim] = nil
	}
	return fault.Wrap("access.TellNarrowed", s.tell(ctx, tidings{
		id: e.ID, app: e.App, subject: e.Subject, grant: e.Grant, at: e.At, events: map[string]told{claimsChanged: {Claims: lost}},
	}))
}

// tidings are what an app is told about a grant.
type tidings struct {
	id      ids.EventID
	app     ids.AppID
	subject ids.SubjectID
	grant   string
	at      time.Time
	events  map[string]told
}

// tell pushes an event to where the app's manifest says now. It fails as
// Receivers do; what fails with Invalid is not tried again.
func (s *Service) tell(ctx context.Context, t tidings) error {
	app, err := s.d.Apps.Known(ctx, t.app)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && app.Manifest.Token.EventsURI == "":
		return nil // it wants to be told no longer
	case err != nil:
		return err
	}
	event, err := s.d.Signing.JWT(ctx, signing.ES256, eventType, securityEvent{
		Issuer: s.d.Config.Issuer, Audience: string(app.ID), IssuedAt: t.at.Truncate(eventTime).Unix(), ID: t.id,
		Subject: complexSubject{
			Format:  "complex",
			User:    issSubject{Format: "iss_sub", Issuer: s.d.Config.Issuer, Subject: s.pairwise(app, t.subject)},
			Session: opaqueSubject{Format: "opaque", ID: t.grant},
		},
		Events: t.events,
	})
	if err != nil {
		return err
	}
	err = s.d.Receivers.Push(ctx, app.ID, app.Manifest.Token.EventsURI, event)
	s.pushed(ctx, app.ID, err)
	return err
}

// pushed counts what became of an event, and calls where somebody must look.
func (s *Service) pushed(ctx context.Context, app ids.AppID, err error) {
	how := PushedLater
	switch {
	case err == nil:
		how = PushedTaken
	case fault.CodeOf(err) == "EVENT_SENDER_REFUSED":
		how = PushedAlarm
		s.d.Log.ErrorContext(ctx, "an app does not take our events for ours", "app", app, "error", err)
	case fault.Is(err, fault.Invalid):
		how = PushedRefused
	}
	if s.d.Pushed != nil {
		s.d.Pushed(app, how)
	}
}

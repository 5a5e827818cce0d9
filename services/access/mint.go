package access

import (
	"cmp"
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// accessType is the header's typ of access tokens (RFC 9068 §2.1).
const accessType = "at+jwt"

// accessClaims are an access token's claims (RFC 9068 §2.2).
type accessClaims struct {
	Issuer   string        `json:"iss"`
	Audience string        `json:"aud"`
	Subject  string        `json:"sub"`
	Act      *act          `json:"act,omitempty"`         // RFC 8693 §4.1
	Mandate  string        `json:"gov_mandate,omitempty"` // only in our own app's
	Confirm  *confirmation `json:"cnf,omitempty"`
	Session  string        `json:"sid"`
	Client   string        `json:"client_id"`
	Scope    string        `json:"scope"`
	Level    int           `json:"gov_level"`
	Status   *statusClaim  `json:"status,omitempty"`
	IssuedAt int64         `json:"iat"`
	Expires  int64         `json:"exp"`
	ID       string        `json:"jti"`
}

// confirmation names the key that a token is bound to (RFC 9449 §6.1).
type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// boundTo gives the confirmation of a key; nil for a bearer token.
func boundTo(key string) *confirmation {
	if key == "" {
		return nil
	}
	return &confirmation{Thumbprint: key}
}

// thumbprint gives the key that verified claims are bound to; empty for none.
func thumbprint(c signing.Claims) string {
	cnf, _ := c["cnf"].(map[string]any)
	return signing.Claims(cnf).String("jkt")
}

// act says who acts for the subject, and for an enterprise in which role.
type act struct {
	Subject string   `json:"sub"`
	Role    ids.Role `json:"role,omitempty"`
}

// idClaims are an ID token's claims.
type idClaims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Act      *act   `json:"act,omitempty"`
	Session  string `json:"sid"`
	Nonce    string `json:"nonce,omitempty"`
	Level    int    `json:"gov_level"`
	AuthTime int64  `json:"auth_time,omitempty"` // only where max_age was asked
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// mobileToken signs an access token of our app for the key.
func (s *Service) mobileToken(ctx context.Context, session identity.Session, scope, key string) (string, error) {
	now, actor := s.d.Clock.Now(), session.Actor()
	c := accessClaims{
		Issuer: s.d.Config.Issuer, Audience: s.MobileAudience(), Subject: string(actor.Subject), Session: string(session.ID), Confirm: boundTo(key),
		Client: MobileClient, Scope: scope, Level: session.Level, IssuedAt: now.Unix(), Expires: now.Add(accessLife(session, now)).Unix(), ID: s.d.IDs.New("at"),
	}
	if actor.By != "" {
		c.Act = &act{Subject: string(actor.By), Role: actor.Role}
	}
	token, err := s.d.Signing.JWT(ctx, signing.EdDSA, accessType, c)
	return token, fault.Wrap("access.mobileToken", err)
}

// accessLife is how long an access token of our app lives: never longer than
// its session.
func accessLife(session identity.Session, now time.Time) time.Duration {
	return max(0, min(AccessTTL, session.Ends().Sub(now)))
}

// life is how long the app's tokens live. What is shown to ourselves is checked
// at each use, whatever the team's own API does. A grant of before the app had
// status lists has no place in one.
func (s *Service) life(app miniapp.App, place Place, resource string) time.Duration {
	check := app.Manifest.Token.Check
	unlisted := check == byStatusList && place.List == ""
	if (check == "short" || unlisted) && resource != s.MiniprogramAudience() {
		return ShortTTL
	}
	return AccessTTL
}

// until gives when an access token of a mini-app ends that is made now: no later
// than what it rests on, since a team may check it by its keys and nothing else.
func (s *Service) until(life time.Duration, session identity.Session, given consent.Grant) time.Time {
	until := s.d.Clock.Now().Add(life)
	for _, end := range []time.Time{session.Ends(), given.Until} {
		if !end.IsZero() && end.Before(until) {
			until = end
		}
	}
	return until
}

// issue is what one access token of a grant is made of.
type issue struct {
	key, resource, scope string
	from, until          time.Time
	role                 ids.Role // of who acts
}

// accessToken signs an access token of a grant.
func (s *Service) accessToken(ctx context.Context, app miniapp.App, g Grant, i issue) (Tokens, error) {
	// NumericDate has whole seconds; both ends are cut, so no life is longer than meant.
	token, err := s.d.Signing.JWT(ctx, signing.ES256, accessType, accessClaims{
		Issuer: s.d.Config.Issuer, Audience: cmp.Or(i.resource, string(g.App)), Subject: s.pairwise(app, g.Subject), Act: s.actOf(app, g, i.role),
		Confirm: boundTo(i.key), Session: g.ID, Client: string(g.App), Scope: i.scope, Level: g.Level, Status: s.statusOf(g),
		IssuedAt: i.from.Unix(), Expires: i.until.Unix(), ID: s.d.IDs.New("at"),
	})
	if err != nil {
		return Tokens{}, fault.Wrap("access.accessToken", err)
	}
	return Tokens{AccessToken: token, Scope: i.scope, ExpiresIn: i.until.Sub(i.from), Type: tokenType(i.key)}, nil
}

// idToken signs the ID token of a redeemed code.
func (s *Service) idToken(ctx context.Context, app miniapp.App, g Grant, i issue, code codeBody) (string, error) {
	token, err := s.d.Signing.JWT(ctx, signing.ES256, "JWT", idClaims{
		Issuer: s.d.Config.Issuer, Audience: string(g.App), Subject: s.pairwise(app, g.Subject), Act: s.actOf(app, g, i.role), Session: g.ID,
		Nonce: code.Nonce, Level: g.Level, AuthTime: code.AuthTime, IssuedAt: i.from.Unix(), Expires: i.until.Unix(),
	})
	return token, fault.Wrap("access.idToken", err)
}

// actOf says who acts for the grant's subject, by the name that the app knows.
func (s *Service) actOf(app miniapp.App, g Grant, role ids.Role) *act {
	if g.By == "" {
		return nil
	}
	return &act{Subject: s.pairwise(app, g.By), Role: role}
}

package access

import (
	"cmp"
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// accessType is the header's typ of access tokens (RFC 9068 §2.1).
const accessType = "at+jwt"

// accessClaims are an access token's claims (RFC 9068 §2.2).
type accessClaims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Act      *act   `json:"act,omitempty"` // RFC 8693 §4.1
	Session  string `json:"sid"`
	Client   string `json:"client_id"`
	Scope    string `json:"scope"`
	Level    int    `json:"gov_level"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
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
	AuthTime int64  `json:"auth_time"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// pairwise gives the name by which only this app knows the person.
func (s *Service) pairwise(app ids.AppID, subject ids.SubjectID) string {
	return s.d.Keys.Index("access.pairwise/"+string(app), string(subject))
}

// mobileToken signs an access token of our app.
func (s *Service) mobileToken(ctx context.Context, session identity.Session, scope string) (string, error) {
	now, actor := s.d.Clock.Now(), session.Actor()
	c := accessClaims{
		Issuer: s.d.Config.Issuer, Audience: s.MobileAudience(), Subject: string(actor.Subject), Session: string(session.ID),
		Client: MobileClient, Scope: scope, Level: session.Level, IssuedAt: now.Unix(), Expires: now.Add(accessLife(session, now)).Unix(), ID: s.d.IDs.New("at"),
	}
	if actor.By != "" {
		c.Act = &act{Subject: string(actor.By), Role: actor.Role}
	}
	token, err := s.d.Signing.JWT(ctx, signing.EdDSA, accessType, c)
	return token, fault.Wrap("access.mobileToken", err)
}

// accessLife is how long an access token of our app lives: never longer than
// the source's word on who acts in the session.
func accessLife(session identity.Session, now time.Time) time.Duration {
	if left := session.Until.Sub(now); !session.Until.IsZero() && left < AccessTTL {
		return max(0, left)
	}
	return AccessTTL
}

// life is how long the app's tokens live. What is shown to ourselves is checked
// at each use, whatever the team's own API does.
func (s *Service) life(app miniapp.App, resource string) time.Duration {
	if app.Manifest.Token.Check == "short" && resource != s.MiniprogramAudience() {
		return ShortTTL
	}
	return AccessTTL
}

// appTokens signs a mini-app's access token for the resource and its ID token.
func (s *Service) appTokens(ctx context.Context, g Grant, session identity.Session, resource, nonce string) (Tokens, error) {
	const op = "access.appTokens"
	sub := s.pairwise(g.App, g.Subject)
	var by *act
	if g.By != "" {
		by = &act{Subject: s.pairwise(g.App, g.By), Role: session.Role}
	}
	// NumericDate has whole seconds; both ends are cut, so no life is longer than meant.
	iat, exp := g.GivenAt.Unix(), g.ExpiresAt.Unix()
	access, err := s.d.Signing.JWT(ctx, signing.ES256, accessType, accessClaims{
		Issuer: s.d.Config.Issuer, Audience: cmp.Or(resource, string(g.App)), Subject: sub, Act: by, Session: g.ID, Client: string(g.App),
		Scope: g.Scope, Level: g.Level, IssuedAt: iat, Expires: exp, ID: s.d.IDs.New("at"),
	})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	id, err := s.d.Signing.JWT(ctx, signing.ES256, "JWT", idClaims{
		Issuer: s.d.Config.Issuer, Audience: string(g.App), Subject: sub, Act: by, Session: g.ID, Nonce: nonce,
		Level: g.Level, AuthTime: session.CreatedAt.Unix(), IssuedAt: iat, Expires: exp,
	})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return Tokens{AccessToken: access, IDToken: id, Scope: g.Scope, ExpiresIn: g.ExpiresAt.Sub(g.GivenAt)}, nil
}

package access

import (
	"context"
	"crypto"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
)

// presented is a mini-app's access token that is good now.
type presented struct {
	claims  signing.Claims
	grant   Grant
	session identity.Session
	app     miniapp.App
	given   consent.Grant
}

// present checks a mini-app's access token for its team's own API. It fails
// with OAUTH_INVALID_TOKEN, and Unavailable when nobody can tell.
func (s *Service) present(ctx context.Context, token string) (presented, error) {
	return s.presentAt(ctx, token, func(c signing.Claims) string { return c.String("client_id") })
}

// presentAt checks a mini-app's access token: signature and claims, that it is
// for the audience, its grant stands, its session lives, its app serves, and
// consent and level still suffice. It fails as present does.
func (s *Service) presentAt(ctx context.Context, token string, audience func(signing.Claims) string) (presented, error) {
	const op = "access.present"
	bad := badToken(op)
	peeked, err := signing.Peek(token)
	if err != nil {
		return presented{}, bad.Because(err)
	}
	c, err := signing.Verify(token, s.tokenRules(audience(peeked)))
	if err != nil || c.String("aud") == "" {
		return presented{}, bad.Because(err)
	}
	g, err := s.d.Store.Grant(ctx, c.String("sid"))
	if fault.Is(err, fault.NotFound) {
		return presented{}, bad.Because(err)
	}
	if err != nil {
		return presented{}, fault.Wrap(op, err)
	}
	actor := g.actor()
	if !g.EndedAt.IsZero() || !s.d.Clock.Now().Before(g.ExpiresAt) || string(g.App) != c.String("client_id") || s.revoked(g.Session, actor, g.GivenAt) {
		return presented{}, bad
	}
	app, err := s.app(ctx, g.App)
	if err != nil {
		return presented{}, bad.Because(err)
	}
	session, given, err := s.entitled(ctx, actor, g.Session, app)
	switch {
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.Forbidden):
		return presented{}, bad.Because(err)
	case err != nil:
		return presented{}, fault.Wrap(op, err)
	}
	g.Scope = c.String("scope") // a token may have less than its grant
	return presented{claims: c, grant: g, session: session, app: app, given: given}, nil
}

func badToken(op string) *fault.Error {
	return refuse(op, "invalid_token", "the token is malformed, for another audience, has lapsed, or was revoked")
}

// shownBy is bound, in OAuth's words.
func (s *Service) shownBy(by Presented, jkt string) (Shown, error) {
	const op = "access.shownBy"
	shown, err := s.bound(by, jkt)
	if fault.CodeOf(err) == "TOKEN_INVALID" {
		return Shown{}, refuse(op, "invalid_token", "show the token by the DPoP scheme, with a proof of the key that it is bound to")
	}
	return shown, err
}

// tokenRules are what every access token of a mini-app keeps to.
func (s *Service) tokenRules(audience string) signing.Rules {
	return signing.Rules{
		Types: []string{accessType}, Algorithms: []string{signing.ES256}, Issuer: s.d.Config.Issuer, Audience: audience,
		Now: s.d.Clock.Now, Leeway: leeway, MaxLife: AccessTTL,
		Keys: func(kid, alg string) (crypto.PublicKey, error) { return s.d.Signing.Find(kid, alg) },
	}
}

// UserInfo gives a mini-app the claims that the person has consented to and
// the token's scope opens, after the ledger has the hand-over. It fails with
// OAUTH_INVALID_TOKEN, OAUTH_INSUFFICIENT_SCOPE, DPOP_… codes, and Unavailable.
func (s *Service) UserInfo(ctx context.Context, by Presented) (map[string]any, error) {
	const op = "access.UserInfo"
	p, err := s.present(ctx, by.Token)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	shown, err := s.shownBy(by, thumbprint(p.claims))
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if !slices.Contains(strings.Fields(p.grant.Scope), openid) {
		return nil, refuse(op, "insufficient_scope", "the scope openid is needed")
	}
	account, err := s.d.Identity.Account(ctx, p.grant.Subject)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	answer := map[string]any{"sub": p.claims.String("sub"), levelField: p.grant.Level}
	var told []string
	for _, claim := range profileClaims(p.grant.Scope, p.given) {
		if value := profileClaim(account.Profile, claim); value != "" {
			answer[claim] = value
			told = append(told, claim)
		}
	}
	if err := s.record(ctx, p, shown, told); err != nil {
		if code := fault.CodeOf(err); code == "CONSENT_REQUIRED" || code == "MANDATE_ENDED" {
			err = badToken(op).Because(err)
		}
		return nil, fault.Wrap(op, err)
	}
	return answer, nil
}

// record writes down what the app is told, and uses up by what it proved itself.
func (s *Service) record(ctx context.Context, p presented, shown Shown, told []string) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.spendIn(ctx, u, shown); err != nil {
			return err
		}
		if err := s.hold(ctx, u, p.app, p.grant, p.given); err != nil {
			return err
		}
		return s.d.Ledger.Record(ctx, u, handOver(p.app, p.grant, p.given, told))
	})
}

func profileClaim(p identity.Profile, claim string) string {
	switch claim {
	case "name":
		return p.Name
	case "phone_number":
		return p.Phone
	case "id_number":
		return p.IDNumber
	}
	return ""
}

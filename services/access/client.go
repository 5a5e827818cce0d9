package access

import (
	"context"
	"crypto"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/miniapp"
)

// AssertionType is the only client_assertion_type (RFC 7523 §2.2).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// client is who called: our app, or a mini-app's back end.
type client struct {
	id  string
	app miniapp.App // zero for our app
	key string      // the thumbprint of the key it proved; empty for none
}

func (c client) mobile() bool { return c.id == MobileClient }

// authenticate tells who calls: our public app by its client_id alone, a
// mini-app's back end by a signed assertion, which the caller must use up.
func (s *Service) authenticate(ctx context.Context, a ClientAuth) (client, seen, error) {
	const op = "access.authenticate"
	if a.Assertion == "" {
		if a.ClientID == MobileClient && a.AssertionType == "" {
			return client{id: MobileClient}, seen{}, nil
		}
		return client{}, seen{}, refuse(op, "invalid_client", "client_assertion is missing")
	}
	if a.AssertionType != AssertionType {
		return client{}, seen{}, refuse(op, "invalid_client", "client_assertion_type is unknown")
	}
	peeked, err := signing.Peek(a.Assertion)
	if err != nil {
		return client{}, seen{}, refuse(op, "invalid_client", "client_assertion is malformed").Because(err)
	}
	id := peeked.String("iss")
	if a.ClientID != "" && a.ClientID != id {
		return client{}, seen{}, refuse(op, "invalid_client", "client_id is not the assertion's iss")
	}
	app, err := s.app(ctx, ids.AppID(id))
	if fault.Is(err, fault.NotFound) || fault.CodeOf(err) == "APP_SUSPENDED" {
		return client{}, seen{}, refuse(op, "invalid_client", "no such client")
	}
	if err != nil {
		return client{}, seen{}, err
	}
	claims, err := signing.Verify(a.Assertion, s.assertionRules(app))
	if err != nil || claims.String("sub") != id {
		return client{}, seen{}, badAssertion(op, err)
	}
	used, err := s.assertionUsed(id, claims)
	return client{id: id, app: app}, used, err
}

// badAssertion refuses a client's assertion; err is nil where sub is all that is
// wrong with it.
func badAssertion(op string, err error) *fault.Error {
	why := "sub is not iss"
	if err != nil {
		why = reason(err)
	}
	return refuse(op, "invalid_client", "client_assertion: "+why+
		" (iss and sub: the client_id; aud: the issuer, as one string; exp: two minutes at most; signed by a registered key, ES256)").Because(err)
}

func (s *Service) assertionRules(app miniapp.App) signing.Rules {
	return signing.Rules{
		Types: []string{"", "JWT", "client-authentication+jwt"}, Algorithms: []string{signing.ES256},
		Issuer: string(app.ID), Audience: s.d.Config.Issuer, Now: s.d.Clock.Now, Leeway: clientLeeway, MaxLife: AssertionLife,
		Keys: func(kid, _ string) (crypto.PublicKey, error) { return appKey(app, kid) },
	}
}

func appKey(app miniapp.App, kid string) (crypto.PublicKey, error) {
	keys := app.Manifest.Token.JWKS
	if kid == "" && len(keys.Keys) == 1 {
		return keys.Keys[0].Public()
	}
	k, ok := keys.Key(kid)
	if !ok {
		return nil, fault.New("access.appKey", fault.NotFound, "KEY_NOT_FOUND")
	}
	return k.Public()
}

// assertionUsed gives by what an assertion is known again. The key is of iss
// and jti: the same assertion can be written in many ways.
func (s *Service) assertionUsed(id string, claims signing.Claims) (seen, error) {
	const op = "access.assertionUsed"
	jti := claims.String("jti")
	if jti == "" || len(jti) > 256 {
		return seen{}, refuse(op, "invalid_client", "jti is missing or too long")
	}
	return seen{
		key: s.d.Keys.Index("access_seen/assertion", id+"\x00"+jti), until: claims.ExpiresAt().Add(clientLeeway + time.Second),
		again: refuse(op, "invalid_client", "client_assertion was used before"),
	}, nil
}

// app gives a mini-app that serves and has an entry. It fails with NotFound
// MINIAPP_NOT_FOUND otherwise, Unavailable when it is suspended.
func (s *Service) app(ctx context.Context, id ids.AppID) (miniapp.App, error) {
	const op = "access.app"
	missing := fault.New(op, fault.NotFound, "MINIAPP_NOT_FOUND")
	if id == "" {
		return miniapp.App{}, missing
	}
	app, err := s.d.Apps.App(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && (!app.Serves() || !app.Manifest.HasEntry()):
		return miniapp.App{}, missing
	case err != nil:
		return miniapp.App{}, fault.Wrap(op, err)
	}
	return app, nil
}

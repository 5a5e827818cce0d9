package oidcsource

import (
	"context"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// Source is one trusted identity source. It is safe for concurrent use.
type Source struct {
	config    Config
	clock     clock.Clock
	ids       *ids.Source
	client    *http.Client
	signer    Signer
	discovery discovery
}

// Signer makes what shows a source that it is us who asks.
type Signer interface {
	// ClientAssertion gives a JWT of RFC 7523 §2.2 with iss and sub client, and
	// audience alone as aud. It lives a minute and has a jti of its own.
	ClientAssertion(client, audience string) (string, error)
}

var _ identity.Source = (*Source)(nil)

// New gives the source of c without asking it anything; signer may be nil where
// no sign-in is to be finished. It fails with Invalid SOURCE_CONFIG_INVALID,
// naming the part.
func New(c Config, now clock.Clock, source *ids.Source, signer Signer) (*Source, error) {
	c, err := c.valid()
	if err != nil {
		return nil, err
	}
	return &Source{config: c, clock: now, ids: source, client: newClient(), signer: signer}, nil
}

// Info gives the source's name and title.
func (s *Source) Info() identity.SourceInfo {
	kind := identity.Person
	if s.config.Kind == KindEnterprise {
		kind = identity.Enterprise
	}
	return identity.SourceInfo{Name: s.config.Name, Title: s.config.Title, Kind: kind, Default: s.config.Default, MaxLevel: s.config.MaxLevel}
}

// Begin makes a challenge, as identity.Source promises.
func (s *Source) Begin(ctx context.Context, level int) (identity.Challenge, error) {
	if err := s.outside(ctx, "oidcsource.Begin"); err != nil {
		return identity.Challenge{}, err
	}
	at, err := s.entrance(ctx)
	if err != nil {
		return identity.Challenge{}, fault.Wrap("oidcsource.Begin", err)
	}
	c := identity.Challenge{State: s.ids.Secret(), Nonce: s.ids.Secret(), Verifier: s.ids.Secret()}
	more := []oauth2.AuthCodeOption{oidc.Nonce(c.Nonce), oauth2.S256ChallengeOption(c.Verifier)}
	if words := s.config.acrFrom(level); words != "" {
		more = append(more, oauth2.SetAuthURLParam("acr_values", words))
	}
	c.URL = at.oauth.AuthCodeURL(c.State, more...)
	return c, nil
}

// assertionType is how RFC 7523 §2.2 names a JWT as a client's proof.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Finish exchanges the code for evidence, as identity.Source promises.
func (s *Source) Finish(ctx context.Context, code, verifier, nonce string) (identity.Evidence, error) {
	const op = "oidcsource.Finish"
	if err := s.outside(ctx, op); err != nil {
		return identity.Evidence{}, err
	}
	at, err := s.entrance(ctx)
	if err != nil {
		return identity.Evidence{}, fault.Wrap(op, err)
	}
	ctx = oidc.ClientContext(ctx, s.client)
	more := []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
	if s.config.ClientAuth == PrivateKeyJWT {
		// To its issuer and nothing else: what we sign for one source is of no use
		// at another, nor at an endpoint that only says that it is one of its own.
		assertion, err := s.signer.ClientAssertion(s.config.ClientID, s.config.Issuer)
		if err != nil {
			return identity.Evidence{}, fault.Wrap(op, err)
		}
		more = append(more, oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", assertion))
	}
	tokens, err := at.oauth.Exchange(ctx, code, more...)
	if err != nil {
		return identity.Evidence{}, s.exchangeFault(ctx, err)
	}
	token, signed, err := s.verify(ctx, at, tokens, nonce)
	if err != nil {
		return identity.Evidence{}, err
	}
	r := &claims{c: s.config, said: []said{signed}}
	if r.incomplete() {
		more, err := s.askUserInfo(ctx, at, tokens, token.Subject)
		if err != nil {
			return identity.Evidence{}, err
		}
		r.said = append(r.said, more)
	}
	return s.evidence(token.Subject, r)
}

// outside refuses a call to the source while a unit of work is open.
func (s *Source) outside(ctx context.Context, op string) error {
	if unit.In(ctx) {
		return fault.New(op, fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	}
	return nil
}

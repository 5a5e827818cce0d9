package access

import (
	"context"
	"crypto"
	"errors"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// Officer is a registered officer of a verifier, with the key it signs with.
type Officer struct {
	ids.Officer
	Key signing.JWK // ES256
}

// Officers knows registered officers; licence.Registry does.
type Officers interface {
	Officer(id ids.OfficerID) (Officer, bool)
}

// officerScope is the only scope of an officer's token.
const officerScope = "verifier"

// VerifierAudience is the audience of officers' access tokens.
func (s *Service) VerifierAudience() string { return s.d.Config.Issuer + "/verifier" }

// officerClaims are an officer's access token's claims. There is no session:
// an officer who leaves the registry is refused with the next request.
type officerClaims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Client   string `json:"client_id"`
	Verifier string `json:"gov_verifier"`
	Scope    string `json:"scope"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`

	Confirm *confirmation `json:"cnf,omitempty"`
}

// officerToken answers a client credentials grant (RFC 6749 §4.4): the officer
// proves its key (RFC 7523 §2.2) and gets a token for the verifier front.
func (s *Service) officerToken(ctx context.Context, r TokenRequest) (Tokens, error) {
	const op = "access.officerToken"
	o, assertion, err := s.officer(r.Client)
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	key, once, err := s.keyed(call{auth: r.Client, proof: r.Proof, path: tokenPath}, []seen{assertion})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if err := s.once(ctx, once...); err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	if err := s.needsKey(client{key: key}); err != nil {
		return Tokens{}, err
	}
	if r.Scope != "" && r.Scope != officerScope {
		return Tokens{}, refuse(op, "invalid_scope", "the only scope is "+officerScope)
	}
	if r.Resource != "" && r.Resource != s.VerifierAudience() {
		return Tokens{}, refuse(op, "invalid_target", "resource must be left out or be "+s.VerifierAudience())
	}
	now := s.d.Clock.Now()
	token, err := s.d.Signing.JWT(ctx, signing.EdDSA, accessType, officerClaims{
		Issuer: s.d.Config.Issuer, Audience: s.VerifierAudience(), Subject: string(o.ID), Client: string(o.ID), Verifier: string(o.Verifier),
		Scope: officerScope, IssuedAt: now.Unix(), Expires: now.Add(AccessTTL).Unix(), ID: s.d.IDs.New("at"), Confirm: boundTo(key),
	})
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	return Tokens{AccessToken: token, Scope: officerScope, ExpiresIn: AccessTTL, Type: tokenType(key)}, nil
}

// officer tells which officer signed the assertion, which the caller must use up.
func (s *Service) officer(a ClientAuth) (Officer, seen, error) {
	const op = "access.officer"
	if a.AssertionType != AssertionType || a.Assertion == "" {
		return Officer{}, seen{}, refuse(op, "invalid_client", "a client_assertion is needed")
	}
	peeked, err := signing.Peek(a.Assertion)
	if err != nil {
		return Officer{}, seen{}, refuse(op, "invalid_client", "client_assertion is malformed").Because(err)
	}
	id := peeked.String("iss")
	o, known := Officer{}, false
	if s.d.Officers != nil {
		o, known = s.d.Officers.Officer(ids.OfficerID(id))
	}
	if !known || a.ClientID != "" && a.ClientID != id {
		return Officer{}, seen{}, refuse(op, "invalid_client", "no such client")
	}
	claims, err := signing.Verify(a.Assertion, signing.Rules{
		Types: []string{"", "JWT", "client-authentication+jwt"}, Algorithms: []string{signing.ES256},
		Issuer: id, Audience: s.d.Config.Issuer, Now: s.d.Clock.Now, Leeway: clientLeeway, MaxLife: AssertionLife,
		Keys: func(kid, alg string) (crypto.PublicKey, error) {
			return signing.JWKS{Keys: []signing.JWK{o.Key}}.Find(kid, alg)
		},
	})
	if err != nil || claims.String("sub") != id {
		return Officer{}, seen{}, badAssertion(op, err)
	}
	used, err := s.assertionUsed(id, claims)
	return o, used, err
}

// VerifyOfficer checks an officer's access token and that the officer is
// registered still. The proof that came with it is not spent yet. It fails with
// Unauthenticated TOKEN_INVALID, TOKEN_EXPIRED or a DPOP_… code.
func (s *Service) VerifyOfficer(by Presented) (ids.Officer, Shown, error) {
	o, jkt, err := s.standingOfficer(by.Token)
	if err != nil {
		return ids.Officer{}, Shown{}, err
	}
	shown, err := s.bound(by, jkt)
	if err != nil {
		return ids.Officer{}, Shown{}, err
	}
	return o, shown, nil
}

// StandsOfficer tells whether an officer's token that was verified before is
// still worth something. It fails as VerifyOfficer does, but for proofs.
func (s *Service) StandsOfficer(token string) error {
	_, _, err := s.standingOfficer(token)
	return err
}

// standingOfficer gives the officer of a token and the key it is bound to.
func (s *Service) standingOfficer(token string) (ids.Officer, string, error) {
	const op = "access.VerifyOfficer"
	invalid := fault.New(op, fault.Unauthenticated, "TOKEN_INVALID")
	c, err := signing.Verify(token, signing.Rules{
		Types: []string{accessType}, Algorithms: []string{signing.EdDSA}, Issuer: s.d.Config.Issuer, Audience: s.VerifierAudience(),
		Now: s.d.Clock.Now, Leeway: leeway, MaxLife: AccessTTL,
		Keys: func(kid, alg string) (crypto.PublicKey, error) { return s.d.Signing.Find(kid, alg) },
	})
	if errors.Is(err, signing.ErrExpired) {
		return ids.Officer{}, "", fault.New(op, fault.Unauthenticated, "TOKEN_EXPIRED")
	}
	if err != nil {
		return ids.Officer{}, "", invalid.Because(err)
	}
	said := ids.Officer{ID: ids.OfficerID(c.String("sub")), Verifier: ids.VerifierID(c.String("gov_verifier"))}
	if s.d.Officers == nil || c.String("scope") != officerScope {
		return ids.Officer{}, "", invalid
	}
	if o, known := s.d.Officers.Officer(said.ID); !known || o.Officer != said {
		return ids.Officer{}, "", invalid
	}
	return said, thumbprint(c), nil
}

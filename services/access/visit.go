package access

import (
	"context"
	"errors"
	"slices"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
)

// VerifyVisit checks a mini-app's access token for our own front: as at
// userinfo, so that what ended anywhere has ended here. The proof that came
// with it is not spent yet. It fails with
// Unauthenticated TOKEN_INVALID, TOKEN_EXPIRED, or LAUNCH_ENDED where the token
// was good and what it rests on no longer is (sign-out, consent, suspension:
// which of them is the person's own business), DPOP_… codes, and Unavailable.
func (s *Service) VerifyVisit(ctx context.Context, by Presented) (ids.Visit, Shown, error) {
	v, jkt, err := s.standingVisit(ctx, by.Token)
	if err != nil {
		return ids.Visit{}, Shown{}, err
	}
	shown, err := s.bound(by, jkt)
	return v, shown, err
}

// StandsVisit tells whether a visit's token that was verified before is still
// worth something. It fails as VerifyVisit does, but for proofs.
func (s *Service) StandsVisit(ctx context.Context, token string) error {
	_, _, err := s.standingVisit(ctx, token)
	return err
}

// standingVisit gives the visit of a token and the key it is bound to.
func (s *Service) standingVisit(ctx context.Context, token string) (ids.Visit, string, error) {
	const op = "access.VerifyVisit"
	p, err := s.presentAt(ctx, token, func(signing.Claims) string { return s.MiniprogramAudience() })
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return ids.Visit{}, "", s.whyNot(token, err)
	case err != nil:
		return ids.Visit{}, "", fault.Wrap(op, err)
	}
	v := ids.Visit{
		ID: ids.VisitID(p.grant.ID), App: p.app.ID, Actor: p.grant.actor(),
		Name: p.claims.String("sub"), Scope: p.grant.Scope, Level: p.grant.Level,
	}
	if v.Actor.By != "" {
		v.ByName, v.Actor.Role = s.pairwise(p.app, v.Actor.By), p.session.Role
	}
	if v.Actor.Mandate != "" {
		m, err := s.mandate(ctx, v.Actor)
		if err != nil {
			return ids.Visit{}, "", s.whyNot(token, err)
		}
		v.Actor.Scopes = m.Scopes
	}
	return v, thumbprint(p.claims), nil
}

// whyNot tells a token that was never good from one that lapsed, and from one
// whose launch has ended.
func (s *Service) whyNot(token string, because error) error {
	const op = "access.VerifyVisit"
	_, err := signing.Verify(token, s.tokenRules(s.MiniprogramAudience()))
	code := "TOKEN_INVALID"
	switch {
	case err == nil:
		code = "LAUNCH_ENDED"
	case errors.Is(err, signing.ErrExpired):
		code = "TOKEN_EXPIRED"
	}
	return fault.New(op, fault.Unauthenticated, code).Because(because)
}

// Permit is what a mini-app may be told of the person of a visit now.
type Permit struct {
	App miniapp.App
	// Claims are those that request, manifest and consent allow.
	Claims []string
	given  consent.Grant
	visit  ids.Visit
}

// Permit asks again what a visit allows: whoever tells a mini-app something of
// a person asks right before. It fails with Forbidden CONSENT_REQUIRED,
// NotFound MINIAPP_NOT_FOUND, and Unavailable while the app is suspended.
func (s *Service) Permit(ctx context.Context, v ids.Visit) (Permit, error) {
	const op = "access.Permit"
	app, err := s.app(ctx, v.App)
	if err != nil {
		return Permit{}, fault.Wrap(op, err)
	}
	given, err := s.d.Consents.Grant(ctx, v.Actor.Subject, Ask(app))
	if err != nil {
		return Permit{}, fault.Wrap(op, err)
	}
	// The scope is asked again too: a manifest may have lost one since.
	return Permit{App: app, Claims: claimsOf(granted(v.Scope, app, given), given), given: given, visit: v}, nil
}

// Allows tells whether the app may be told the claim.
func (p Permit) Allows(claim string) bool { return slices.Contains(p.Claims, claim) }

// HandOver is the ledger's entry of telling the app these claims, by the
// purpose and basis that the person was shown; fields are what the ledger
// calls them.
func (p Permit) HandOver(claims, fields []string) ledger.Entry {
	e := handOver(p.App, Grant{Subject: p.visit.Actor.Subject, By: p.visit.Actor.By, Mandate: p.visit.Actor.Mandate}, p.given, claims)
	e.Fields = fields
	return e
}

// Asks tells whether the manifest asks for the claim at all.
func (p Permit) Asks(claim string) bool {
	return slices.Contains(p.App.Manifest.Claims(), claim) && slices.ContainsFunc(p.App.Manifest.Token.Scopes, func(scope string) bool {
		return slices.Contains(miniapp.ScopeClaims(scope), claim)
	})
}

// Offers tells whether the app handles the item, and where.
func (p Permit) Offers(item ids.ItemID, region ids.AreaCode) bool {
	offered := slices.ContainsFunc(p.App.Manifest.Services, func(o miniapp.Offer) bool { return o.Item == item })
	return offered && slices.ContainsFunc(p.App.Manifest.Regions, func(served ids.AreaCode) bool { return region.Within(served) })
}

package access

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/miniapp"
)

// What the ledger says where the manifest asks for no data at all.
const (
	ownPurpose = "打开应用时确认身份"
	ownBasis   = "本人操作"
)

// levelField is what every token and answer tells: the real-name level.
const levelField = "gov_level"

// grant gives a mini-app its tokens for a code. The code's use, the grant and
// the ledger's entry are one unit: what can't be recorded is not given.
func (s *Service) grant(ctx context.Context, c client, code found[codeBody], resource string) (Tokens, error) {
	const op = "access.grant"
	app := c.app
	actor := ids.Actor{Subject: code.Subject, By: code.B.By, Mandate: code.B.Mandate}
	session, given, err := s.entitled(ctx, actor, code.B.Session, app)
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
		return Tokens{}, refuse(op, "invalid_grant", "the session has ended, or consent or level no longer suffice").Because(err)
	}
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	place, err := s.place(ctx, app)
	if err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	made := issue{
		key: c.key, resource: resource, scope: granted(code.B.Scope, app, given), from: now, until: s.until(s.life(app, place, resource), session, given), role: session.Role,
	}
	g := Grant{
		ID: s.d.IDs.New("grant"), Subject: actor.Subject, By: actor.By, Mandate: actor.Mandate, Consent: given.Consent, App: app.ID, Session: session.ID,
		Scope: made.scope, Level: levelOf(actor, session), GivenAt: now, ExpiresAt: made.until, Place: place,
	}
	var refresh []Ticket
	var secret string
	if hasScope(g.Scope, offlineAccess) {
		var t Ticket
		if secret, t, err = s.offline(g, code.B.Resource); err != nil {
			return Tokens{}, err
		}
		refresh, g.ExpiresAt = append(refresh, t), t.ExpiresAt
	}
	if err := s.within(ctx, actor, &g.ExpiresAt, &made.until); err != nil {
		return Tokens{}, fault.Wrap(op, err)
	}
	tokens, err := s.launchTokens(ctx, app, g, made, code.B)
	if err != nil {
		return Tokens{}, err
	}
	tokens.RefreshToken = secret
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.use(ctx, u, code.Ticket, g.ID); err != nil {
			return err
		}
		if _, err := s.d.Identity.UseSession(ctx, u, session.ID); err != nil {
			return err
		}
		if err := s.hold(ctx, u, app, g, given); err != nil {
			return err
		}
		if err := s.d.Store.PutGrant(ctx, u, g); err != nil {
			return err
		}
		for _, t := range refresh {
			if err := s.d.Store.Put(ctx, u, t); err != nil {
				return err
			}
		}
		return s.d.Ledger.Record(ctx, u, handOver(app, g, given, profileClaims(g.Scope, given)))
	})
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
		return Tokens{}, refuse(op, "invalid_grant", "the session, the consent or the mandate has ended").Because(err)
	}
	if fault.CodeOf(err) == "STATUS_PLACE_TAKEN" { // in this very moment; the code is as good as before
		return Tokens{}, fault.New(op, fault.Unavailable, "STATUS_PLACE_TAKEN").Because(err)
	}
	if err != nil {
		return Tokens{}, err
	}
	return tokens, nil
}

// launchTokens signs what a redeemed code gives.
func (s *Service) launchTokens(ctx context.Context, app miniapp.App, g Grant, i issue, code codeBody) (Tokens, error) {
	tokens, err := s.accessToken(ctx, app, g, i)
	if err != nil {
		return Tokens{}, err
	}
	tokens.IDToken, err = s.idToken(ctx, app, g, i, code)
	return tokens, err
}

// goesOn has the ledger say that a grant gave one more token. It fails with
// Conflict GRANT_ENDED when the grant has ended meanwhile, and as UseSession and
// hold do.
func (s *Service) goesOn(ctx context.Context, u unit.Unit, app miniapp.App, g Grant, given consent.Grant, i issue) error {
	if err := s.d.Store.HoldGrant(ctx, u, g.ID); err != nil {
		return err
	}
	if _, err := s.d.Identity.UseSession(ctx, u, g.Session); err != nil {
		return err
	}
	if err := s.hold(ctx, u, app, g, given); err != nil {
		return err
	}
	return s.d.Ledger.Record(ctx, u, handOver(app, g, given, profileClaims(i.scope, given)))
}

// hold keeps what a grant rests on, beside its session, from ending until the
// unit ends: whoever ends it then finds the grant, and ends it too. It fails with
// Forbidden CONSENT_REQUIRED and Unauthenticated MANDATE_ENDED.
func (s *Service) hold(ctx context.Context, u unit.Unit, app miniapp.App, g Grant, given consent.Grant) error {
	if err := s.d.Consents.Hold(ctx, u, g.Subject, Ask(app), given); err != nil || g.Mandate == "" {
		return err
	}
	return s.d.Mandates.Hold(ctx, u, g.Mandate, g.By)
}

// handOver is the ledger's entry of what the app receives.
func handOver(app miniapp.App, g Grant, given consent.Grant, claims []string) ledger.Entry {
	var purposes, bases []string
	for _, c := range claims {
		purposes, bases = append(purposes, given.Purpose[c]), append(bases, given.Basis[c])
	}
	basis := ownBasis
	if g.Mandate != "" {
		basis = mandate.Basis
	}
	return ledger.Entry{
		Subject: g.Subject, By: g.By,
		Receiver: ledger.Receiver{Kind: ledger.App, ID: string(app.ID), Name: app.Manifest.Name},
		Purpose:  phrase(purposes, ownPurpose), Basis: phrase(bases, basis),
		Fields: append(slices.Clone(claims), levelField),
	}
}

// phrase joins the parts, each once, and leaves none out: a manifest that names
// more than the ledger takes is refused.
func phrase(joined []string, otherwise string) string {
	var parts []string
	for _, p := range strings.Split(strings.Join(joined, consent.Between), consent.Between) {
		if p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return cmp.Or(strings.Join(parts, consent.Between), otherwise)
}

package consent

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Withdraw ends the actor's consent; ending an ended one is no failure. It
// fails with Private CONSENT_NOT_FOUND when it is not the actor's own, and
// Forbidden ACTING_NOT_ALLOWED for one who acts by a mandate.
func (s *Service) Withdraw(ctx context.Context, actor ids.Actor, id ids.ConsentID) error {
	return s.change(ctx, "consent.Withdraw", actor, id, func(c *Consent) ([]string, ActKind, error) {
		if c.WithdrawnAt.IsZero() {
			c.WithdrawnAt = s.d.Clock.Now()
			return nil, Withdrew, nil
		}
		return nil, "", nil
	})
}

// WithdrawClaims takes fields back while the rest of the consent stands, so
// that a person need not lose the service over a field that it works without.
// It fails as Withdraw does, and with Conflict CONSENT_WITHDRAWN when the whole
// was withdrawn before, Invalid CONSENT_UNKNOWN_CLAIM when a field is not among
// those given.
func (s *Service) WithdrawClaims(ctx context.Context, actor ids.Actor, id ids.ConsentID, claims []string) error {
	const op = "consent.WithdrawClaims"
	return s.change(ctx, op, actor, id, func(c *Consent) ([]string, ActKind, error) {
		if !c.WithdrawnAt.IsZero() {
			return nil, "", fault.New(op, fault.Conflict, "CONSENT_WITHDRAWN")
		}
		if len(claims) == 0 {
			return nil, "", fault.New(op, fault.Invalid, "CONSENT_UNKNOWN_CLAIM")
		}
		for _, claim := range claims {
			if !slices.ContainsFunc(c.Given, func(u Use) bool { return slices.Contains(u.Claims, claim) }) {
				return nil, "", fault.New(op, fault.Invalid, "CONSENT_UNKNOWN_CLAIM")
			}
		}
		left := []Use{}
		for _, u := range c.Given {
			u.Claims = only(u.Claims, func(claim string) bool { return !slices.Contains(claims, claim) })
			if len(u.Claims) > 0 {
				left = append(left, u)
			}
		}
		c.Given = left
		return claims, Narrowed, nil
	})
}

// change lets f change the actor's own consent. An empty kind changes nothing.
func (s *Service) change(ctx context.Context, op string, actor ids.Actor, id ids.ConsentID, f func(*Consent) ([]string, ActKind, error)) error {
	if !actor.Entitled() {
		return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	return fault.Wrap(op, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		c, err := s.d.Store.LockByID(ctx, u, actor.Subject, id)
		if err != nil {
			return err
		}
		claims, kind, err := f(&c)
		if err != nil || kind == "" {
			return err
		}
		c.By, c.ChangedAt = actor.By, s.d.Clock.Now()
		if err := s.d.Store.Save(ctx, u, c, Act{Kind: kind, By: c.By, Version: c.Version, Given: c.Given, At: c.ChangedAt}); err != nil {
			return err
		}
		if err := s.d.ChangeLog.Append(ctx, u, changes.Revoked, changes.Consent(c.ID), UsesKey(c.Subject)); err != nil {
			return err
		}
		return s.d.Outbox.Append(ctx, u, Withdrawn{Subject: c.Subject, App: c.App, Consent: c.ID, Claims: claims, At: c.ChangedAt})
	}))
}

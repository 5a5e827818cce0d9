package consent

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

// Deps is what consent works with.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	IDs       *ids.Source
	Outbox    outbox.Appender
	ChangeLog changes.Appender
	// Changes tells when what is kept in memory is old; nil keeps nothing.
	Changes changes.Reader
}

// Service asks for and keeps consents.
type Service struct {
	d    Deps
	uses *changes.Cache[ids.SubjectID, using]
}

// New gives the service.
func New(d Deps) *Service {
	return &Service{d: d, uses: changes.NewCache[ids.SubjectID, using](d.Changes, d.Clock, keptUses)}
}

// Needed says what the actor's subject is to be asked before the recipient may
// receive what it asks for; Request.Missing is empty when nothing is. It fails
// with Invalid CONSENT_ASK_INVALID, and Forbidden ACTING_NOT_ALLOWED for one who
// acts for another without the scope of the app.
func (s *Service) Needed(ctx context.Context, actor ids.Actor, ask Ask) (Request, error) {
	const op = "consent.Needed"
	if !actor.May(ids.ScopeApp(ask.App)) {
		return Request{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	if err := ask.check(); err != nil {
		return Request{}, err
	}
	c, err := found(s.d.Store.Standing(ctx, actor.Subject, ask.App))
	if err != nil {
		return Request{}, fault.Wrap(op, err)
	}
	c = c.at(s.d.Clock.Now())
	text := ask.text()
	return Request{
		App: ask.App, AppName: ask.AppName, Version: text.version(), Text: text,
		Uses: slices.Clone(ask.Uses), Missing: c.missing(ask.Uses),
	}, nil
}

// Claims gives the fields the subject has agreed that the app may receive,
// sorted, and the consent. It fails with Forbidden CONSENT_REQUIRED when no
// consent stands. It does not look at what the app asks for now: Grant does.
func (s *Service) Claims(ctx context.Context, subject ids.SubjectID, app ids.AppID) ([]string, ids.ConsentID, error) {
	const op = "consent.Claims"
	c, err := s.d.Store.Standing(ctx, subject, app)
	if fault.Is(err, fault.NotFound) {
		return nil, "", required(op)
	}
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if c = c.at(s.d.Clock.Now()); c.State != Stands {
		return nil, "", required(op)
	}
	claims := []string{}
	for _, u := range c.Given {
		claims = append(claims, u.Claims...)
	}
	slices.Sort(claims)
	return slices.Compact(claims), c.ID, nil
}

// Grant gives what of the ask may be handed over now: what was agreed to for
// the same purpose, and what a statute allows. It fails with Forbidden
// CONSENT_REQUIRED when a use that the service can't do without was not agreed
// to as it stands now, Invalid CONSENT_ASK_INVALID.
func (s *Service) Grant(ctx context.Context, subject ids.SubjectID, ask Ask) (Grant, error) {
	const op = "consent.Grant"
	if err := ask.check(); err != nil {
		return Grant{}, err
	}
	c, err := found(s.d.Store.Standing(ctx, subject, ask.App))
	if err != nil {
		return Grant{}, fault.Wrap(op, err)
	}
	return c.at(s.d.Clock.Now()).grant(ask)
}

// Hold keeps the consent behind what Grant gave from changing until the unit
// ends: a withdrawal waits for the unit, or has come before it. Then it fails
// with Forbidden CONSENT_REQUIRED, whatever the person agreed to since.
func (s *Service) Hold(ctx context.Context, u unit.Unit, subject ids.SubjectID, ask Ask, given Grant) error {
	const op = "consent.Hold"
	if given.Consent == "" {
		return nil // it stands on statutes
	}
	c, err := found(s.d.Store.Lock(ctx, u, subject, ask.App))
	if err != nil {
		return fault.Wrap(op, err)
	}
	now, err := c.at(s.d.Clock.Now()).grant(ask)
	if err != nil {
		return err
	}
	if now.Consent != given.Consent || !slices.Equal(now.Claims, given.Claims) {
		return required(op)
	}
	return nil
}

// grant gives what of the ask c allows, as it stands.
func (c Consent) grant(ask Ask) (Grant, error) {
	g := Grant{Consent: c.ID, Claims: []string{}, Basis: map[string]string{}, Purpose: map[string]string{}}
	for _, u := range ask.Uses {
		claims := u.Claims
		if u.Asked() {
			claims = c.granted(u)
			if !u.Optional && !covered(c.Given, u) {
				return Grant{}, required("consent.grant")
			}
		}
		for _, claim := range claims {
			g.add(claim, u)
		}
		if u.Asked() && len(claims) > 0 {
			g.lapses(c, u)
		}
	}
	slices.Sort(g.Claims)
	return g, nil
}

// lapses notes when what c gives of u will be given no longer.
func (g *Grant) lapses(c Consent, u Use) {
	for _, given := range c.Given {
		if until := c.until(given); sameUse(given, u) && (g.Until.IsZero() || until.Before(g.Until)) {
			g.Until = until
		}
	}
}

// add notes one claim of a use. A claim that a statute allows as well as a
// consent stands on the statute: withdrawing would not end it.
func (g *Grant) add(claim string, u Use) {
	if !slices.Contains(g.Claims, claim) {
		g.Claims = append(g.Claims, claim)
		g.Basis[claim], g.Purpose[claim] = u.Basis, u.Purpose
		return
	}
	if g.Basis[claim] == ByConsent {
		g.Basis[claim] = u.Basis
	}
	if !slices.Contains(strings.Split(g.Purpose[claim], Between), u.Purpose) {
		g.Purpose[claim] += Between + u.Purpose
	}
}

func required(op string) error { return fault.New(op, fault.Forbidden, "CONSENT_REQUIRED") }

// found has the zero Consent stand for none.
func found(c Consent, err error) (Consent, error) {
	if fault.Is(err, fault.NotFound) {
		return Consent{}, nil
	}
	return c, err
}

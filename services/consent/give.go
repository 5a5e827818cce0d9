package consent

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// maxTries is how often Give starts over because another answer of the same
// person came first: the second try finds it.
const maxTries = 3

// Give records the actor's answer to the ask. Fields that were agreed to
// before stand; an optional use that was declined before may be agreed to now.
// Refusing is not calling Give. It fails with Conflict CONSENT_CHANGED when
// the answer is to another text than the ask's, Invalid CONSENT_UNKNOWN_CLAIM
// when a field was not asked for, Invalid CONSENT_INCOMPLETE when a use that
// the service can't do without is refused or given in part, Invalid
// CONSENT_NOTHING_ASKED, Invalid CONSENT_SEPARATE_REQUIRED when a field of a
// sensitive use is agreed to together with others only, Forbidden
// CONSENT_PERSONAL when somebody acting for the person agrees to a sensitive
// use, ACTING_NOT_ALLOWED for one who acts for another without the scope of the
// app, Invalid CONSENT_ASK_INVALID.
func (s *Service) Give(ctx context.Context, actor ids.Actor, ask Ask, answer Given) (Consent, error) {
	const op = "consent.Give"
	if !actor.May(ids.ScopeApp(ask.App)) {
		return Consent{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	if err := ask.check(); err != nil {
		return Consent{}, err
	}
	text := ask.text()
	if answer.Version != text.version() {
		return Consent{}, fault.New(op, fault.Conflict, "CONSENT_CHANGED")
	}
	answer.Claims = only(slices.Concat(answer.Claims, answer.Separate), func(string) bool { return true })
	if err := onlyAsked(ask, answer.Claims); err != nil {
		return Consent{}, err
	}
	for try := 1; ; try++ {
		var c Consent
		err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
			var err error
			c, err = s.give(ctx, u, actor, ask, answer)
			if err != nil {
				return err
			}
			return s.d.Store.KeepText(ctx, u, answer.Version, text)
		})
		if err == nil {
			return c.shown(s.d.Clock.Now()), nil
		}
		if fault.CodeOf(err) != "CONSENT_EXISTS" || try == maxTries {
			return Consent{}, fault.Wrap(op, err)
		}
	}
}

func onlyAsked(ask Ask, claims []string) error {
	for _, claim := range claims {
		if !slices.ContainsFunc(ask.Uses, func(u Use) bool { return u.Asked() && slices.Contains(u.Claims, claim) }) {
			return fault.New("consent.Give", fault.Invalid, "CONSENT_UNKNOWN_CLAIM")
		}
	}
	return nil
}

func (s *Service) give(ctx context.Context, u unit.Unit, actor ids.Actor, ask Ask, answer Given) (Consent, error) {
	before, err := found(s.d.Store.Lock(ctx, u, actor.Subject, ask.App))
	if err != nil {
		return Consent{}, err
	}
	now := s.d.Clock.Now()
	c, err := before.at(now).answered(actor, ask, answer, now)
	if err != nil {
		return Consent{}, err
	}
	if before.ID != "" && before.Version == answer.Version && sameUses(before.Asked, c.Asked) && sameUses(before.Given, c.Given) {
		return before, nil // said before, nothing to record
	}
	c.Subject, c.By, c.App, c.AppName, c.Version, c.ChangedAt = actor.Subject, actor.By, ask.App, ask.AppName, answer.Version, now
	act := Act{Kind: Gave, By: actor.By, Version: c.Version, Given: c.Given, At: now}
	if before.ID == "" {
		c.ID, c.GivenAt = ids.ConsentID(s.d.IDs.New("con")), now
		err = s.d.Store.Create(ctx, u, c, act)
	} else {
		err = s.d.Store.Save(ctx, u, c, act)
	}
	if err != nil {
		return Consent{}, err
	}
	// What was refused for want of consent may be cached anywhere.
	return c, s.d.ChangeLog.Append(ctx, u, changes.Changed, changes.Consent(c.ID), changes.Subject(c.Subject), UsesKey(c.Subject))
}

// answered gives c with what the answer adds to it at the time. What was agreed
// to while another body answered for the recipient is no part of it.
func (c Consent) answered(actor ids.Actor, ask Ask, answer Given, now time.Time) (Consent, error) {
	const op = "consent.Give"
	asked := 0
	another := func(u Use) bool { return u.Operator != "" && ask.Operator != "" && u.Operator != ask.Operator }
	c.Asked = slices.DeleteFunc(slices.Clone(c.Asked), another)
	c.Given = slices.DeleteFunc(slices.Clone(c.Given), another)
	for _, u := range ask.Uses {
		if !u.Asked() {
			continue
		}
		asked++
		if covered(c.Given, u) {
			continue
		}
		agreed := u
		agreed.Claims = only(u.Claims, func(claim string) bool { return slices.Contains(answer.Claims, claim) })
		if !u.Optional && !includes(agreed, u) {
			return Consent{}, fault.New(op, fault.Invalid, "CONSENT_INCOMPLETE")
		}
		c.Asked = with(c.Asked, u)
		if len(agreed.Claims) == 0 {
			continue
		}
		if u.Sensitive && actor.By != "" {
			return Consent{}, fault.New(op, fault.Forbidden, "CONSENT_PERSONAL")
		}
		if u.Sensitive && !subset(agreed.Claims, answer.Separate) {
			return Consent{}, fault.New(op, fault.Invalid, "CONSENT_SEPARATE_REQUIRED")
		}
		c.Given = with(c.Given, agreed.agreedAt(now))
	}
	if asked == 0 {
		return Consent{}, fault.New(op, fault.Invalid, "CONSENT_NOTHING_ASKED")
	}
	return c, nil
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(c string) bool { return !slices.Contains(whole, c) })
}

package mandate

import (
	"context"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Terms are what a principal offers.
type Terms struct {
	Kind   Kind
	Scopes []ids.Scope
	Until  time.Time // at most LongestYears from now
}

// Offer is an offer and the code by which somebody takes it.
type Offer struct {
	Mandate Mandate
	// Code is twelve digits. It is told once and kept nowhere.
	Code      string
	CodeUntil time.Time
}

// codeDigits is how long a code is. Our choice: what can be read out over the
// telephone, and found by nobody in ten minutes and five tries.
const codeDigits = 12

// Offer has the actor's subject offer a mandate. An earlier offer that nobody
// took is over with it. It fails with Invalid MANDATE_INVALID (detail part:
// kind, scopes, until), Forbidden MANDATE_KIND_UNFIT when such a principal gives
// no such mandate, LEVEL_TOO_LOW where nobody has checked who the principal is,
// ACTING_NOT_ALLOWED for whoever acts for another but an enterprise's legal
// representative, and Conflict MANDATE_LIMIT.
func (s *Service) Offer(ctx context.Context, actor ids.Actor, t Terms) (Offer, error) {
	const op = "mandate.Offer"
	if err := principal(op, actor); err != nil {
		return Offer{}, err
	}
	now := s.d.Clock.Now()
	if err := t.check(now); err != nil {
		return Offer{}, err
	}
	account, err := s.checked(ctx, actor.Subject)
	if err != nil {
		return Offer{}, fault.Wrap(op, err)
	}
	if err := gives(account, t.Kind, now); err != nil {
		return Offer{}, err
	}
	code := digits(s.d.IDs.Secret() + s.d.IDs.Secret())
	m := Mandate{
		ID: ids.MandateID(s.d.IDs.New("man")), Principal: actor.Subject, MadeBy: actor.By, Kind: t.Kind,
		Scopes: ids.ScopesOf(t.Scopes...), Until: t.Until, OfferedAt: now,
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		given, err := s.d.Store.Given(ctx, u, m.Principal, now)
		if err != nil {
			return err
		}
		open := 0
		for _, g := range given {
			if g.State(now) != Offered {
				open++
				continue
			}
			g.EndedAt, g.EndedBy = now, Principal // nobody took it, so nobody waits to hear of its end
			if err := s.d.Store.Save(ctx, u, g); err != nil {
				return err
			}
		}
		if open >= MostGiven {
			return fault.New(op, fault.Conflict, "MANDATE_LIMIT")
		}
		return s.d.Store.Create(ctx, u, m, s.hash(code))
	})
	if err != nil {
		return Offer{}, fault.Wrap(op, err)
	}
	return Offer{Mandate: m, Code: code, CodeUntil: now.Add(CodeLife)}, nil
}

// principal refuses whoever does not speak for the subject itself.
func principal(op string, actor ids.Actor) error {
	if actor.By == "" && actor.Mandate == "" || actor.Entitled() && actor.Role == ids.LegalRepresentative {
		return nil
	}
	return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
}

// maxScopes is how many scopes a mandate names. Our choice: what a person still
// reads.
const maxScopes = 30

func (t Terms) check(now time.Time) error {
	bad := func(part string) error {
		return fault.New("mandate.Offer", fault.Invalid, "MANDATE_INVALID").With("part", part)
	}
	switch t.Kind {
	case Guardian, Family, Village, Company:
	default:
		return bad("kind")
	}
	if len(t.Scopes) == 0 || len(t.Scopes) > maxScopes {
		return bad("scopes")
	}
	for _, scope := range t.Scopes {
		if !scope.Known() {
			return bad("scopes")
		}
	}
	if !t.Until.After(now.Add(CodeLife)) || t.Until.After(now.AddDate(LongestYears, 0, 0)) {
		return bad("until")
	}
	return nil
}

func (s *Service) hash(code string) string { return s.d.Hash.Index("mandate.code", code) }

// digits gives a code from a random secret: of each character what is left of it
// in equal parts, so that every code is as likely.
func digits(secret string) string {
	var b strings.Builder
	for i := range len(secret) {
		at := strings.IndexByte(alphabet, secret[i])
		if at >= 0 && at < 60 && b.Len() < codeDigits {
			b.WriteByte('0' + byte(at%10))
		}
	}
	return b.String()
}

// alphabet is what secrets are written in.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

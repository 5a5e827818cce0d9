package access

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/miniapp"
)

// batch is how many grants end in one unit. Our choice: a unit of milliseconds,
// also where a whole app is suspended.
const batch = 200

// Ending is the event of grants that are still to be ended, after a batch of them.
type Ending struct {
	Of Of `json:"of"`
}

// EventKind gives access.ending.
func (Ending) EventKind() string { return "access.ending" }

// GrantEnded is the event of a grant's end that its app is to be told. Why it
// ended is the person's own business.
type GrantEnded struct {
	Grant   string        `json:"grant"`
	App     ids.AppID     `json:"app"`
	Subject ids.SubjectID `json:"subject"`
	At      time.Time     `json:"at"`
}

// EventKind gives access.grant_ended.
func (GrantEnded) EventKind() string { return "access.grant_ended" }

// GrantNarrowed is the event of a grant that stands and gives less.
type GrantNarrowed struct {
	// ID is the same however often the withdrawal is worked off.
	ID      ids.EventID   `json:"id"`
	Grant   string        `json:"grant"`
	App     ids.AppID     `json:"app"`
	Subject ids.SubjectID `json:"subject"`
	Claims  []string      `json:"claims"`
	At      time.Time     `json:"at"`
}

// EventKind gives access.grant_narrowed.
func (GrantNarrowed) EventKind() string { return "access.grant_narrowed" }

// SessionEnded ends what was given in a session. Nothing waits for it: what a
// token rests on is asked at each use. It tells status lists and apps.
func (s *Service) SessionEnded(ctx context.Context, _ ids.EventID, e identity.SessionEnded) error {
	return fault.Wrap("access.SessionEnded", s.end(ctx, Of{Session: e.Session}))
}

// MandateEnded ends what apps were given of a mandate's principal. Of one that
// lapsed only apps have to hear: no token given by it lasts longer.
func (s *Service) MandateEnded(ctx context.Context, _ ids.EventID, e mandate.Over) error {
	return fault.Wrap("access.MandateEnded", s.end(ctx, Of{Mandate: e.Mandate}))
}

// AccountClosed ends what apps were given of a closed account, and what it was
// given when it acted for others.
func (s *Service) AccountClosed(ctx context.Context, _ ids.EventID, e identity.AccountClosed) error {
	return fault.Wrap("access.AccountClosed", errors.Join(s.end(ctx, Of{Subject: e.Subject}), s.end(ctx, Of{By: e.Subject})))
}

// AppStopped ends what an app was given until it stopped.
func (s *Service) AppStopped(ctx context.Context, _ ids.EventID, e miniapp.Stopped) error {
	return fault.Wrap("access.AppStopped", s.end(ctx, Of{App: e.App, Given: e.At.Add(leeway)}))
}

// GoOn ends the next batch.
func (s *Service) GoOn(ctx context.Context, _ ids.EventID, e Ending) error {
	return fault.Wrap("access.GoOn", s.end(ctx, e.Of))
}

// ConsentWithdrawn ends what an app was given on a consent, or tells it which
// fields it has no longer where the rest goes on.
func (s *Service) ConsentWithdrawn(ctx context.Context, id ids.EventID, e consent.Withdrawn) error {
	const op = "access.ConsentWithdrawn"
	if len(e.Claims) == 0 {
		return fault.Wrap(op, s.end(ctx, Of{Subject: e.Subject, App: e.App, Consent: e.Consent, Given: e.At}))
	}
	// Each is looked at by itself, so some more do no harm: clocks differ.
	return fault.Wrap(op, s.narrow(ctx, id, Of{Subject: e.Subject, App: e.App, Given: e.At.Add(leeway)}, e))
}

// mostNarrowed is of how many grants of one person an app is told that they
// narrowed. Our choice: more than anybody opens between two withdrawals; each
// gives less all the same.
const mostNarrowed = 1000

// narrow ends those grants that can't do without the withdrawn claims.
func (s *Service) narrow(ctx context.Context, id ids.EventID, of Of, e consent.Withdrawn) error {
	app, err := s.d.Apps.Known(ctx, e.App)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.d.Store.Standing(ctx, of, s.d.Clock.Now(), mostNarrowed)
	if err != nil {
		return err
	}
	var dead []string
	var narrowed []GrantNarrowed
	for _, g := range list {
		_, given, err := s.entitled(ctx, g.actor(), g.Session, app)
		if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
			dead = append(dead, g.ID)
			continue
		}
		if err != nil {
			return err
		}
		// What a statute allows, and what was agreed to again, it still has.
		lost := slices.DeleteFunc(claimsOf(g.Scope, consent.Grant{Claims: e.Claims}), func(c string) bool { return slices.Contains(given.Claims, c) })
		if len(lost) > 0 {
			narrowed = append(narrowed, GrantNarrowed{
				ID: ids.EventID(s.d.Keys.Index("access.narrowed", string(id)+"\x00"+g.ID)), Grant: g.ID, App: g.App, Subject: g.Subject, Claims: lost, At: e.At,
			})
		}
	}
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		for _, grant := range dead {
			if _, err := s.endIn(ctx, u, Of{ID: grant}, 1); err != nil {
				return err
			}
		}
		for _, n := range narrowed {
			if app.Manifest.Token.EventsURI == "" {
				return nil
			}
			if err := s.d.Outbox.Append(ctx, u, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// end ends grants, a batch in each unit.
func (s *Service) end(ctx context.Context, of Of) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		n, err := s.endIn(ctx, u, of, batch)
		if err != nil || n < batch {
			return err
		}
		return s.d.Outbox.Append(ctx, u, Ending{Of: of})
	})
}

// endIn ends up to so many grants within u, has their apps told, and says how
// many there were.
func (s *Service) endIn(ctx context.Context, u unit.Unit, of Of, most int) (int, error) {
	ended, err := s.endQuietly(ctx, u, of, most)
	if err != nil {
		return 0, err
	}
	for _, g := range ended {
		app, err := s.d.Apps.Known(ctx, g.App)
		switch {
		case fault.Is(err, fault.NotFound), err == nil && app.Manifest.Token.EventsURI == "":
			continue
		case err != nil:
			return 0, err
		}
		if err := s.d.Outbox.Append(ctx, u, GrantEnded{Grant: g.ID, App: g.App, Subject: g.Subject, At: g.EndedAt}); err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

// endQuietly ends grants within u and gives them. Their apps are not told: who
// gave a token back knows.
func (s *Service) endQuietly(ctx context.Context, u unit.Unit, of Of, most int) ([]Grant, error) {
	ended, err := s.d.Store.EndGrants(ctx, u, of, s.d.Clock.Now(), most)
	if err != nil {
		return nil, err
	}
	var lists []changes.Key
	for _, g := range ended {
		if key := listKey(g.Place.List); g.Place.List != "" && !slices.Contains(lists, key) {
			lists = append(lists, key)
		}
	}
	if len(lists) == 0 {
		return ended, nil
	}
	return ended, s.d.ChangeLog.Append(ctx, u, changes.Changed, lists...)
}

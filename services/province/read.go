package province

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/miniapp"
)

const (
	// swrFactor times fresh is how old a value may be to be given at once while
	// a healthy source is asked behind it.
	swrFactor = 3
	// refreshDeadline is how long a refresh may take that nobody waits for.
	refreshDeadline = 5 * time.Second
)

// Read asks a source, or gives what it said not long ago. It never fails and
// waits no longer than the deadline; the Reading says how fresh its value is,
// and why there is none.
func (s *Service) Read(ctx context.Context, a Ask) Reading {
	now := s.d.Clock.Now()
	if unit.In(ctx) {
		s.d.Log.ErrorContext(ctx, "province: asked from within a unit", "app", a.App, "capability", a.Capability)
		return none(a, now, ReasonWithinUnit)
	}
	app, err := s.d.Apps.App(ctx, a.App)
	if err != nil {
		return none(a, now, registryReason(err))
	}
	k, err := keyOf(a)
	if err != nil {
		return none(a, now, ReasonRefused)
	}
	if a.Fresh > 0 {
		if e, ok := s.cache.get(k, s.d.Changes, now); ok {
			if r, ok := s.kept(app, a, e, now); ok {
				return r
			}
		}
	}
	return s.live(ctx, app, a, k)
}

// kept gives a reading of e if it is young enough, and has it refreshed where
// it is not quite.
func (s *Service) kept(app miniapp.App, a Ask, e *entry, now time.Time) (Reading, bool) {
	age := now.Sub(e.asOf)
	if age <= a.Fresh {
		r := e.reading(Cached)
		r.FreshUntil = e.asOf.Add(a.Fresh)
		return r, true
	}
	if age > swrFactor*a.Fresh || !s.source(a.App).healthy() {
		return Reading{}, false
	}
	s.join(app, a, e.key, refreshDeadline)
	return e.reading(Cached), true
}

// live waits for a flight, its own or another's, until the asker's deadline.
func (s *Service) live(ctx context.Context, app miniapp.App, a Ask, k key) Reading {
	wait := a.Deadline
	if wait <= 0 {
		wait = app.Manifest.Degrade.Timeout()
	}
	timer := time.NewTimer(wait) // ctx may end the waiting earlier, but not the flight
	defer timer.Stop()
	for try := range 2 {
		f, leads := s.join(app, a, k, wait)
		if f == nil {
			return s.fallback(app, a, k, &trouble{reason: ReasonBusy})
		}
		select {
		case <-f.done:
		case <-timer.C:
			return s.fallback(app, a, k, &trouble{reason: ReasonTimeout})
		case <-ctx.Done():
			return s.fallback(app, a, k, &trouble{reason: ReasonTimeout})
		}
		if f.trouble != nil {
			return s.fallback(app, a, k, f.trouble)
		}
		// A flight that began before we asked, and before something moved, is
		// not ours to use. The second one we meet began after we asked.
		if leads || try > 0 || f.entry.stands(s.d.Changes) {
			return f.entry.reading(Live)
		}
	}
	return s.fallback(app, a, k, &trouble{reason: ReasonBusy})
}

// fallback gives the last known value, or says that there is none.
func (s *Service) fallback(app miniapp.App, a Ask, k key, t *trouble) Reading {
	now := s.d.Clock.Now()
	since, _ := s.source(a.App).trouble()
	if since.IsZero() {
		since = now
	}
	if app.Manifest.Degrade.Fallback != "none" {
		if e, ok := s.cache.get(k, s.d.Changes, now); ok {
			r := e.reading(Stale)
			r.Since, r.Reason = since, t.reason
			return r
		}
	}
	return none(a, since, t.reason)
}

func (e *entry) reading(f Freshness) Reading {
	return Reading{Value: e.value, App: e.key.app, AsOf: e.asOf, Freshness: f, Reason: e.reason}
}

func none(a Ask, since time.Time, reason string) Reading {
	return Reading{App: a.App, Freshness: Unavailable, Since: since, Reason: reason}
}

func registryReason(err error) string {
	if fault.CodeOf(err) == "APP_SUSPENDED" {
		return ReasonAppSuspended
	}
	return ReasonRegistryFails
}

package province

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/internal/waterfall"
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
	r, p := s.begin(ctx, a)
	if p == nil {
		return r
	}
	return s.await(ctx, p)
}

// ReadAll reads every ask as Read does, all at once: the answer to the i-th
// stands at i, and the whole takes as long as the slowest. What is kept costs
// no goroutine, and what is asked one.
func (s *Service) ReadAll(ctx context.Context, asks []Ask) []Reading {
	readings := make([]Reading, len(asks))
	var waiting []*pending // by place; nil where nothing is waited for
	for i, a := range asks {
		var p *pending
		if readings[i], p = s.begin(ctx, a); p == nil {
			continue
		}
		if waiting == nil {
			waiting = make([]*pending, len(asks))
		}
		waiting[i] = p
	}
	for i, p := range waiting {
		if p != nil {
			readings[i] = s.await(ctx, p)
		}
	}
	return readings
}

// pending is an ask whose flight is under way.
type pending struct {
	app    miniapp.App
	ask    Ask
	key    key
	until  time.Time // of the machine's clock, as all deadlines
	flight *flight
	leads  bool
	line   *waterfall.Line
}

// begin gives a reading at once where it can; otherwise something to await.
func (s *Service) begin(ctx context.Context, a Ask) (Reading, *pending) {
	line := waterfall.Begin(ctx, func() string { return string(a.App) + "/" + a.Capability })
	r, p := s.start(ctx, a)
	if r.FreshUntil.IsZero() {
		changes.Passes(ctx) // the next one will be told something else
	}
	if p == nil {
		s.d.Observe(a.App, a.Capability, r.Freshness)
	}
	if p != nil {
		p.line = line
	} else if line != nil {
		from := waterfall.Cache
		if r.Value == nil {
			from = waterfall.None
		}
		line.End(waterfall.End{From: from, Freshness: string(r.Freshness), Reason: r.Reason, Breaker: s.source(point{app: a.App}).breaker()})
	}
	return r, p
}

func (s *Service) start(ctx context.Context, a Ask) (Reading, *pending) {
	now := s.d.Clock.Now()
	if unit.In(ctx) {
		s.d.Log.ErrorContext(ctx, "province: asked from within a unit", "app", a.App, "capability", a.Capability)
		return none(a, now, ReasonWithinUnit), nil
	}
	app, err := s.d.Apps.App(ctx, a.App)
	if err != nil {
		return none(a, now, registryReason(err)), nil
	}
	k, err := keyOf(app, a)
	if err != nil {
		return none(a, now, ReasonRefused), nil
	}
	if a.Fresh > 0 {
		if e, ok := s.cache.get(k, s.d.Changes, now); ok {
			if r, ok := s.kept(app, a, e, now); ok {
				e.rest(ctx, a.Fresh)
				return r, nil
			}
		}
	}
	wait := a.Deadline
	if wait <= 0 {
		wait = app.Manifest.Degrade.Timeout()
	}
	p := &pending{app: app, ask: a, key: k, until: time.Now().Add(wait)}
	p.flight, p.leads = s.join(app, a, k, wait)
	return Reading{}, p
}

// kept gives a reading of e if it is young enough, and has it refreshed where
// it is not quite.
func (s *Service) kept(app miniapp.App, a Ask, e *entry, now time.Time) (Reading, bool) {
	age, fresh := now.Sub(e.asOf), e.fresh(a.Fresh)
	if age <= fresh {
		r := e.reading(Cached)
		r.FreshUntil = e.asOf.Add(fresh)
		return r, true
	}
	if age > swrFactor*fresh || !s.source(e.key.point()).healthy() {
		return Reading{}, false
	}
	s.join(app, a, e.key, refreshDeadline)
	return e.reading(Cached), true
}

// await waits as land does, and notes what it came to.
func (s *Service) await(ctx context.Context, p *pending) Reading {
	leads := p.leads
	r := s.land(ctx, p)
	s.d.Observe(p.ask.App, p.ask.Capability, r.Freshness)
	if p.line == nil {
		return r
	}
	e := waterfall.End{From: waterfall.Joint, Freshness: string(r.Freshness), Reason: r.Reason, Breaker: s.source(p.key.point()).breaker()}
	if leads {
		e.From = waterfall.Call
	}
	if p.flight != nil && p.flight.landed(ctx, time.Now()) { // what is under way still writes its times
		e.Spent = p.flight.spent
	}
	p.line.End(e)
	return r
}

// land waits for the flight until the asker's deadline; ctx may end the
// waiting earlier, but not the flight.
func (s *Service) land(ctx context.Context, p *pending) Reading {
	for try := 0; p.flight != nil; try++ {
		if !p.flight.landed(ctx, p.until) {
			return s.fallback(p, ReasonTimeout)
		}
		if t := p.flight.trouble; t != nil {
			return s.fallback(p, t.reason)
		}
		// A flight that began before we asked, and before something moved, is
		// not ours to use. The second one we meet began after we asked.
		if p.leads || try > 0 || p.flight.entry.stands(s.d.Changes) {
			return p.flight.entry.reading(Live)
		}
		p.flight, p.leads = s.join(p.app, p.ask, p.key, time.Until(p.until))
	}
	return s.fallback(p, ReasonBusy)
}

// fallback gives the last known value, or says that there is none.
func (s *Service) fallback(p *pending, reason string) Reading {
	now := s.d.Clock.Now()
	since, _ := s.source(p.key.point()).trouble()
	if since.IsZero() {
		since = now
	}
	if p.app.Manifest.Degrade.Fallback != "none" {
		if e, ok := s.cache.get(p.key, s.d.Changes, now); ok {
			r := e.reading(Stale)
			r.Since, r.Reason = since, reason
			return r
		}
	}
	return none(p.ask, since, reason)
}

func (e *entry) reading(f Freshness) Reading {
	return Reading{Value: e.value, App: e.key.app, AsOf: e.asOf, Freshness: f, Reason: e.reason, Missing: e.missed}
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

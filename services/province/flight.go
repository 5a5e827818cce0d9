package province

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/waterfall"
	"github.com/tongban/tongban/services/miniapp"
)

// flight is one call that any number of askers wait for. Its results are
// written before done is closed.
type flight struct {
	done    chan struct{}
	entry   *entry
	trouble *trouble
	spent   waterfall.Spent
}

// landed waits for the flight's end until then, and tells whether it came.
func (f *flight) landed(ctx context.Context, until time.Time) bool {
	select {
	case <-f.done:
		return true
	default:
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-f.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// join gives the flight for k that is under way, or starts one that takes at
// most wait; leads tells that it was started here. It gives nil once closed.
//
// A flight belongs to none of its askers: it runs on the service's context, so
// that one who leaves does not end it for the others.
func (s *Service) join(app miniapp.App, a Ask, k key, wait time.Duration) (f *flight, leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	if f, ok := s.flights[k]; ok {
		return f, false
	}
	if f := s.justLanded(a, k); f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	s.flights[k] = f
	s.work.Add(1)
	began := s.d.Changes.Now() // before anything of the read
	go s.fly(f, app, a, k, flightPlan{began: began, wait: wait})
	return f, true
}

// justLanded gives the flight of who found nothing kept and came to s.mu after
// it had landed: what it brought is kept by then.
func (s *Service) justLanded(a Ask, k key) *flight {
	e, ok := s.cache.get(k, s.d.Changes, s.d.Clock.Now())
	if !ok || a.Fresh <= 0 || s.d.Clock.Now().Sub(e.asOf) > e.fresh(a.Fresh) {
		return nil
	}
	f := &flight{done: make(chan struct{}), entry: e}
	close(f.done)
	return f
}

type flightPlan struct {
	began changes.Epoch
	wait  time.Duration
}

func (s *Service) fly(f *flight, app miniapp.App, a Ask, k key, plan flightPlan) {
	defer s.work.Done()
	f.trouble = &trouble{reason: ReasonInvalid} // what a panic leaves
	defer func() {
		if p := recover(); p != nil { // what a hostile answer could cause must not end the process
			s.d.Log.Error("province: a flight panicked", "app", a.App, "capability", a.Capability)
		}
		s.mu.Lock()
		delete(s.flights, k)
		s.mu.Unlock()
		close(f.done)
	}()
	ctx, cancel := context.WithTimeout(s.base, plan.wait)
	defer cancel()
	asOf := s.d.Clock.Now()
	q, t := s.prepare(app, a, "")
	if t != nil {
		f.trouble = t
		return
	}
	q.spent = &f.spent
	got, t := s.ask(ctx, q)
	if t != nil && t.kind != fault.NotFound {
		f.trouble = t
		return
	}
	f.entry, f.trouble = newEntry(k, plan.began, asOf, got), nil
	s.cache.put(f.entry)
}

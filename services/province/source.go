package province

import (
	"context"
	"sync"
	"time"
)

const (
	// slots is how many calls to one source run at once. Our choice: by
	// Little's law 32 calls of 20 ms are 1,600 a second, and a hung source
	// holds no more than that of ours.
	slots = 32
	// tripFailures within tripWindow open the breaker for openFor.
	tripFailures = 5
	tripWindow   = 10 * time.Second
	openFor      = 5 * time.Second
)

// source is what we know of one app's health and how much of us it holds.
//
// The breaker is our own, on the injected clock: failsafe-go's takes none, and
// "half-open after five seconds" would be a promise no test can hold it to.
type source struct {
	slots chan struct{}

	mu        sync.Mutex
	failures  [tripFailures]time.Time // the last ones, a ring
	next      int
	open      bool
	openUntil time.Time
	probing   bool // half-open, with its one call under way
	since     time.Time
	reason    string
}

func newSource() *source { return &source{slots: make(chan struct{}, slots)} }

// enter takes a slot, waiting until ctx ends.
func (s *source) enter(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *source) leave() { <-s.slots }

// permit says whether a call may go out now.
func (s *source) permit(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		return true
	}
	if s.probing || now.Before(s.openUntil) {
		return false
	}
	s.probing = true
	return true
}

// healthy tells whether the last call went well and nothing says otherwise.
func (s *source) healthy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.open && s.since.IsZero()
}

// trouble tells since when and why the source fails; zero when it does not.
func (s *source) trouble() (time.Time, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.reason
}

// breaker tells how the breaker stands.
func (s *source) breaker() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.probing:
		return "HALF_OPEN"
	case s.open:
		return "OPEN"
	}
	return "CLOSED"
}

func (s *source) succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.probing, s.since, s.reason = false, false, time.Time{}, ""
	s.failures = [tripFailures]time.Time{}
}

func (s *source) failed(now time.Time, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		s.since = now
	}
	s.reason = reason
	s.failures[s.next] = now
	s.next = (s.next + 1) % tripFailures
	oldest := s.failures[s.next]
	if s.probing || (!oldest.IsZero() && now.Sub(oldest) <= tripWindow) {
		s.open, s.probing, s.openUntil = true, false, now.Add(openFor)
	}
}

// abandoned gives back a permit whose call never went out.
func (s *source) abandoned() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probing = false
}

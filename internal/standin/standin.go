package standin

import (
	"context"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
)

// Patience is how long one call waits for what is shared. Our choice: ten times
// what Redis needs in one hall.
const Patience = 50 * time.Millisecond

const (
	// failuresToOpen is how many calls in a row must fail before no call waits any more.
	failuresToOpen = 3
	// probeEvery is how often what is lost is asked whether it is back.
	probeEvery = time.Second
)

// State says whose memory counts.
type State int

// The states of a Switch.
const (
	// Shared: that of all machines counts.
	Shared State = iota
	// Alone: this process's own stands in.
	Alone
)

// String gives the state's name for logs and metrics.
func (s State) String() string { return [...]string{"shared", "alone"}[s] }

// Switch is Shared until failures make it Alone. It is safe for concurrent use.
type Switch struct {
	clock clock.Clock
	probe func(context.Context) error
	watch func(State)

	mu       sync.Mutex
	state    State
	failures int
	probeAt  time.Time
}

// New gives a Switch that starts Shared. probe asks what is shared whether it is
// back; watch is told each change of state and may be nil.
func New(c clock.Clock, probe func(context.Context) error, watch func(State)) *Switch {
	if watch == nil {
		watch = func(State) {}
	}
	return &Switch{clock: c, probe: probe, watch: watch}
}

// State tells whose memory counts now.
func (s *Switch) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Ask calls what is shared, under Patience, where it is worth waiting for, and
// tells whether it answered. An error means that ctx has ended: the caller went
// away, which is no fault of what is shared.
func (s *Switch) Ask(ctx context.Context, call func(context.Context) error) (answered bool, err error) {
	if !s.worth() {
		return false, nil
	}
	short, cancel := context.WithTimeout(ctx, Patience)
	err = call(short)
	cancel()
	switch {
	case err == nil:
		s.answered()
		return true, nil
	case ctx.Err() != nil:
		return false, err
	}
	s.failed()
	return false, nil
}

// worth tells whether to wait for what is shared, and starts a probe when one
// is due.
func (s *Switch) worth() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Shared {
		return true
	}
	if now := s.clock.Now(); !now.Before(s.probeAt) {
		s.probeAt = now.Add(probeEvery)
		go s.look()
	}
	return false
}

// look lives as long as Patience at most and belongs to no call, so that none
// of them waits for it.
func (s *Switch) look() {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if s.probe(ctx) == nil {
		s.answered()
	}
}

func (s *Switch) answered() {
	s.mu.Lock()
	s.failures = 0
	changed := s.state != Shared
	s.state = Shared
	s.mu.Unlock()
	if changed {
		s.watch(Shared)
	}
}

func (s *Switch) failed() {
	s.mu.Lock()
	s.failures++
	changed := s.state == Shared && s.failures >= failuresToOpen
	if changed {
		s.state, s.probeAt = Alone, s.clock.Now().Add(probeEvery)
	}
	s.mu.Unlock()
	if changed {
		s.watch(Alone)
	}
}

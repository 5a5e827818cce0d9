package limit

import (
	"context"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
)

// Patience is how long one answer waits for the shared buckets before those of
// this process stand in. Our choice: ten times what Redis needs in one hall.
const Patience = 50 * time.Millisecond

const (
	// failuresToOpen is how many calls in a row must fail before no call waits any more.
	failuresToOpen = 3
	// probeEvery is how often a lost Redis is asked whether it is back.
	probeEvery = time.Second
)

// State says whose buckets count.
type State int

// The states of a Fallback.
const (
	// Shared: the buckets of all machines count.
	Shared State = iota
	// Alone: this process's own buckets stand in.
	Alone
)

// String gives the state's name for logs and metrics.
func (s State) String() string { return [...]string{"shared", "alone"}[s] }

// Fallback asks the shared buckets while they answer and those of this process
// otherwise. After failuresToOpen failures in a row no request waits for the
// shared ones: one probe a second, beside the requests, finds them back.
type Fallback struct {
	shared Limiter
	local  *Local
	clock  clock.Clock
	watch  func(State)

	mu       sync.Mutex
	state    State
	failures int
	probeAt  time.Time
}

// NewFallback gives a Fallback that starts Shared. watch is told each change of
// state and may be nil.
func NewFallback(shared Limiter, local *Local, c clock.Clock, watch func(State)) *Fallback {
	if watch == nil {
		watch = func(State) {}
	}
	return &Fallback{shared: shared, local: local, clock: c, watch: watch}
}

// State tells whose buckets count now.
func (f *Fallback) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Allow charges the key's bucket; it fails only when ctx has ended.
func (f *Fallback) Allow(ctx context.Context, key string, cost int, rule Rule) (Result, error) {
	if f.wait() {
		short, cancel := context.WithTimeout(ctx, Patience)
		res, err := f.shared.Allow(short, key, cost, rule)
		cancel()
		if err == nil {
			f.answered()
			return res, nil
		}
		if ctx.Err() != nil {
			return Result{}, err // the caller went away: no fault of Redis
		}
		f.failed()
	}
	return f.local.Allow(ctx, key, cost, rule)
}

// wait tells whether to ask the shared buckets, and starts a probe when one is due.
func (f *Fallback) wait() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == Shared {
		return true
	}
	if now := f.clock.Now(); !now.Before(f.probeAt) {
		f.probeAt = now.Add(probeEvery)
		go f.probe()
	}
	return false
}

// probe lives as long as Patience at most and belongs to no request, so that
// none of them waits for it.
func (f *Fallback) probe() {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if _, err := f.shared.Allow(ctx, "probe", 1, Rule{Per: time.Second, Burst: 10}); err == nil {
		f.answered()
	}
}

func (f *Fallback) answered() {
	f.mu.Lock()
	f.failures = 0
	changed := f.state != Shared
	f.state = Shared
	f.mu.Unlock()
	if changed {
		f.watch(Shared)
	}
}

func (f *Fallback) failed() {
	f.mu.Lock()
	f.failures++
	changed := f.state == Shared && f.failures >= failuresToOpen
	if changed {
		f.state, f.probeAt = Alone, f.clock.Now().Add(probeEvery)
	}
	f.mu.Unlock()
	if changed {
		f.watch(Alone)
	}
}

package limit

import (
	"context"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
)

// MaxKeys bounds the memory of a Local: about 100 bytes each. Our choice: more
// callers than one process serves within a minute.
const MaxKeys = 200_000

// Local keeps the buckets in this process. It is safe for concurrent use.
type Local struct {
	clock clock.Clock
	mu    sync.Mutex
	// full is, by key, when the bucket will be full again: all that GCRA needs.
	full  map[string]time.Time
	sweep int // the size at which buckets that are full are forgotten
}

// NewLocal gives an empty Local on c.
func NewLocal(c clock.Clock) *Local {
	return &Local{clock: c, full: map[string]time.Time{}, sweep: 1024}
}

// Allow charges the key's bucket in this process; it never fails.
func (l *Local) Allow(_ context.Context, key string, cost int, rule Rule) (Result, error) {
	now, unit := l.clock.Now(), rule.Per/time.Duration(rule.Burst)
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.full[key]
	if full.Before(now) {
		full = now
	}
	after := full.Add(time.Duration(clamp(cost, rule)) * unit)
	if wait := after.Sub(now) - rule.Per; wait > 0 {
		return Result{RetryAfter: wait, Remaining: remaining(full.Sub(now), rule, unit)}, nil
	}
	l.full[key] = after
	l.forget(now)
	return Result{Allowed: true, Remaining: remaining(after.Sub(now), rule, unit)}, nil
}

func remaining(spent time.Duration, rule Rule, unit time.Duration) int {
	return int((rule.Per - spent) / unit)
}

// forget drops full buckets when the map has doubled since the last time, and
// any bucket beyond MaxKeys: a flood of new keys may then win a little, the
// process never dies of it.
func (l *Local) forget(now time.Time) {
	if len(l.full) < l.sweep {
		return
	}
	for k, t := range l.full {
		if !t.After(now) {
			delete(l.full, k)
		}
	}
	for k := range l.full {
		if len(l.full) < MaxKeys {
			break
		}
		delete(l.full, k)
	}
	l.sweep = min(MaxKeys, max(1024, 2*len(l.full)))
}

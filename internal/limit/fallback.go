package limit

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/standin"
)

// Patience is how long one answer waits for the shared buckets before those of
// this process stand in.
const Patience = standin.Patience

// State says whose buckets count.
type State = standin.State

// The states of a Fallback.
const (
	Shared = standin.Shared
	Alone  = standin.Alone
)

// Fallback asks the shared buckets while they answer and those of this process
// otherwise.
type Fallback struct {
	*standin.Switch
	shared Limiter
	local  *Local
}

// NewFallback gives a Fallback that starts Shared. watch is told each change of
// state and may be nil.
func NewFallback(shared Limiter, local *Local, c clock.Clock, watch func(State)) *Fallback {
	probe := func(ctx context.Context) error {
		_, err := shared.Allow(ctx, "probe", 1, Rule{Per: time.Second, Burst: 10})
		return err
	}
	return &Fallback{Switch: standin.New(c, probe, watch), shared: shared, local: local}
}

// Allow charges the key's bucket; it fails only when ctx has ended.
func (f *Fallback) Allow(ctx context.Context, key string, cost int, rule Rule) (Result, error) {
	var res Result
	answered, err := f.Ask(ctx, func(ctx context.Context) error {
		var err error
		res, err = f.shared.Allow(ctx, key, cost, rule)
		return err
	})
	if answered || err != nil {
		return res, err
	}
	return f.local.Allow(ctx, key, cost, rule)
}

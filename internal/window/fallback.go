package window

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/standin"
)

// Window is what remembers.
type Window interface {
	// First notes the key until the time and tells whether it was not noted
	// before. It fails with Unavailable when nobody can tell.
	First(ctx context.Context, key string, until time.Time) (bool, error)
}

// Fallback remembers in the process and in what all processes share. While the
// latter is lost, the process's own memory counts alone, for the time being.
type Fallback struct {
	*standin.Switch
	shared Window
	local  *Local
}

// NewFallback gives a Fallback that starts Shared. watch is told each change of
// state and may be nil.
func NewFallback(shared Window, local *Local, c clock.Clock, watch func(standin.State)) *Fallback {
	probe := func(ctx context.Context) error {
		_, err := shared.First(ctx, "probe", c.Now().Add(time.Second))
		return err
	}
	return &Fallback{Switch: standin.New(c, probe, watch), shared: shared, local: local}
}

// First notes the key in both and tells whether neither had it. A process that
// has no room leaves it to the shared memory. It fails with Unavailable when
// neither can tell, or ctx has ended.
func (f *Fallback) First(ctx context.Context, key string, until time.Time) (bool, error) {
	here, full := f.local.First(ctx, key, until)
	if full == nil && !here {
		return false, nil
	}
	var first bool
	answered, err := f.Ask(ctx, func(ctx context.Context) error {
		var err error
		first, err = f.shared.First(ctx, key, until)
		return err
	})
	if answered || err != nil {
		return first, err
	}
	return here, full
}

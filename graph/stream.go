package graph

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/graph/gengql"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/licence"
)

// readAgainAfter is how long a stream waits when a change can't be read. Our
// choice: nobody notices one second, and a database that comes back is not met
// by everybody at once.
const readAgainAfter = time.Second

// live is a value that changes.
type live[T any] struct {
	// keys are what the value's changes are told by.
	keys []changes.Key
	read func(ctx context.Context) (T, error)
	// same tells whether a reader would see no difference.
	same func(a, b T) bool
}

// stream gives the value as it is now and then each time it has changed. It
// keeps nothing for who is slow: they get what is true when they are ready. It
// fails when the first read does; later ones are tried again.
func stream[T any](ctx context.Context, w changes.Watcher, l live[T]) (<-chan T, error) {
	woken, stop := w.Watch(l.keys...) // before the read: what comes meanwhile wakes
	now, err := l.read(ctx)
	if err != nil {
		stop()
		return nil, err
	}
	out := make(chan T)
	go func() {
		defer close(out)
		defer stop()
		for {
			select {
			case out <- now:
			case <-ctx.Done():
				return
			}
			next, alive := l.next(ctx, woken, now)
			if !alive {
				return
			}
			now = next
		}
	}()
	return out, nil
}

// next waits for another value than now; false when ctx ended.
func (l live[T]) next(ctx context.Context, woken <-chan struct{}, now T) (T, bool) {
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return now, false
		case <-woken:
		case <-again:
		}
		next, err := l.read(ctx)
		if err != nil {
			again = time.After(readAgainAfter)
			continue
		}
		again = nil
		if !l.same(now, next) {
			return next, true
		}
	}
}

func sameInbox(a, b gengql.InboxChange) bool {
	if a.Unread != b.Unread || (a.Newest == nil) != (b.Newest == nil) {
		return false
	}
	return a.Newest == nil || a.Newest.ID == b.Newest.ID && a.Newest.ReadAt.Equal(b.Newest.ReadAt)
}

func sameApprovals(a, b []licence.Approval) bool {
	return slices.EqualFunc(a, b, func(x, y licence.Approval) bool { return x.ID == y.ID })
}

func sameCase(a, b casework.Case) bool {
	return a.State == b.State && a.Seq == b.Seq && a.Receipt == b.Receipt && a.UpdatedAt.Equal(b.UpdatedAt) && len(a.Events) == len(b.Events)
}

package graph

import (
	"context"
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/changes"
)

// bell wakes one watcher.
type bell struct {
	c       chan struct{}
	stopped bool
}

func (b *bell) Watch(...changes.Key) (<-chan struct{}, func()) {
	return b.c, func() { b.stopped = true }
}

func counted(values chan int) live[int] {
	return live[int]{
		read: func(context.Context) (int, error) {
			v := <-values
			if v < 0 {
				return 0, errors.New("not now")
			}
			return v, nil
		},
		same: func(a, b int) bool { return a == b },
	}
}

func TestAStreamTellsWhatIsTrueNowAndEachDifference(t *testing.T) {
	b, values := &bell{c: make(chan struct{}, 1)}, make(chan int, 9)
	ctx, cancel := context.WithCancel(t.Context())
	values <- 1
	out, err := stream(ctx, b, counted(values))
	if err != nil || <-out != 1 {
		t.Fatal(err)
	}
	values <- 1 // a change that nobody would see
	b.c <- struct{}{}
	values <- 2
	b.c <- struct{}{}
	if got := <-out; got != 2 {
		t.Errorf("got %d", got)
	}
	values <- -1 // can't be read, and is read again
	b.c <- struct{}{}
	values <- 3
	if got := <-out; got != 3 {
		t.Errorf("got %d", got)
	}
	cancel()
	if _, more := <-out; more || !b.stopped {
		t.Error("goes on after its end")
	}
}

func TestAStreamThatCannotBeginSaysSo(t *testing.T) {
	b, values := &bell{c: make(chan struct{}, 1)}, make(chan int, 1)
	values <- -1
	if _, err := stream(t.Context(), b, counted(values)); err == nil || !b.stopped {
		t.Error(err)
	}
}

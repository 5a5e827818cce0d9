package changes

import (
	"slices"
	"sync"
)

// Watcher tells when something comes; *Tail is one.
type Watcher interface {
	// Watch gives a channel that gets a value when the tail has seen a row for
	// any of keys, or may have missed one. Values do not pile up: who is slow
	// finds one, however many rows came, and reads what is true now. stop ends
	// it; the channel is never closed.
	Watch(keys ...Key) (seen <-chan struct{}, stop func())
}

var _ Watcher = (*Tail)(nil)

// watchers are those who wait at one tail. They cost a row nothing where nobody
// watches its key.
type watchers struct {
	mu    sync.Mutex
	byKey map[Key][]chan struct{}
}

// Watch waits for rows of keys, as Watcher promises.
func (t *Tail) Watch(keys ...Key) (<-chan struct{}, func()) {
	w := &t.watch
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byKey == nil {
		w.byKey = map[Key][]chan struct{}{}
	}
	for _, k := range keys {
		w.byKey[k] = append(w.byKey[k], c)
	}
	return c, sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, k := range keys {
			left := slices.DeleteFunc(w.byKey[k], func(other chan struct{}) bool { return other == c })
			if len(left) == 0 {
				delete(w.byKey, k)
				continue
			}
			w.byKey[k] = left
		}
	})
}

// tell wakes who waits for rows, or everybody where some were lost.
func (w *watchers) tell(rows []row, lost lostRows) {
	if len(rows) == 0 && lost == noneLost {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if lost == rowsLost {
		for _, list := range w.byKey {
			wake(list)
		}
		return
	}
	for _, r := range rows {
		wake(w.byKey[r.key])
	}
}

func wake(list []chan struct{}) {
	for _, c := range list {
		select {
		case c <- struct{}{}:
		default: // a value waits there already
		}
	}
}

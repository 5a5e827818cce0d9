// Package tape keeps what a mock has seen, in order: the newest so many
// entries, so that a long load run does not fill the memory.
package tape

import "sync"

// Keep is how many entries a tape holds. Our choice: more than any end-to-end
// test makes; counters of a mock go on beyond it.
const Keep = 10_000

// Tape is safe for concurrent use; the zero value is ready.
type Tape[T any] struct {
	mu      sync.Mutex
	entries []T
	oldest  int
}

// Add puts e at the end, and drops the oldest entry when the tape is full.
func (t *Tape[T]) Add(e T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.entries) < Keep {
		t.entries = append(t.entries, e)
		return
	}
	t.entries[t.oldest] = e
	t.oldest = (t.oldest + 1) % Keep
}

// All gives a copy of what is on the tape, oldest first; never nil.
func (t *Tape[T]) All() []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]T, 0, len(t.entries))
	all = append(all, t.entries[t.oldest:]...)
	return append(all, t.entries[:t.oldest]...)
}

// Clear empties the tape.
func (t *Tape[T]) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries, t.oldest = nil, 0
}

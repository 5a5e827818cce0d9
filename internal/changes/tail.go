package changes

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
)

const (
	// MaxAge is the age from which a tail holds nothing valid. Our choice: half
	// of the 60 s within which a revocation must have reached every process.
	MaxAge = 30 * time.Second
	// Window is how long a tail remembers a row, and how far back it looks when
	// it starts. Our choice: an access token lives 10 min at most, so 15 covers
	// it and the difference of two clocks.
	Window = 15 * time.Minute
	// PollInterval is how often a tail looks by default. Our choice: four looks
	// within the second that a revocation may take.
	PollInterval = 250 * time.Millisecond
)

// Tail is this process's view of the changes. It is safe for concurrent use.
type Tail struct {
	db       *database.DB
	clock    clock.Clock
	log      *slog.Logger
	interval time.Duration
	signal   chan struct{}
	turn     chan struct{} // held by the one that polls
	heads    map[int]int64 // guarded by turn; nil before the first poll
	mem      *memory
	watch    watchers
}

var _ Reader = (*Tail)(nil)

// NewTail makes a tail that polls every interval (0: PollInterval) once Run.
func NewTail(db *database.DB, c clock.Clock, log *slog.Logger, interval time.Duration) *Tail {
	return &Tail{db: db, clock: c, log: log, interval: cmp.Or(interval, PollInterval),
		signal: make(chan struct{}, 1), turn: make(chan struct{}, 1), mem: newMemory()}
}

// Run polls until ctx ends. A failed poll is logged and tried again at the
// next turn; the tail grows old meanwhile.
func (t *Tail) Run(ctx context.Context) {
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	failing := false
	for {
		err := t.Poll(ctx)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err != nil && !failing:
			t.log.ErrorContext(ctx, "changes: the tail can't read", "code", fault.CodeOf(err), "error", err)
		case err == nil && failing:
			t.log.InfoContext(ctx, "changes: the tail reads again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-t.signal:
		}
	}
}

// Wake has Run poll now. It never waits.
func (t *Tail) Wake() {
	select {
	case t.signal <- struct{}{}:
	default:
	}
}

// catchUp is how long CatchUp may hold up an answer. Our choice: a poll takes a
// millisecond, and who waited this long is served by the tail's next turn.
const catchUp = 200 * time.Millisecond

// CatchUp polls now, so that who appended finds it seen by this process before
// its own answer goes out: a sign-in that was just ended is refused at once
// here, not only within the second that other processes may take. Where the
// database is slow or fails, Run polls as after Wake.
func (t *Tail) CatchUp() {
	ctx, cancel := context.WithTimeout(context.Background(), catchUp)
	defer cancel()
	if t.Poll(ctx) != nil { // Run tells of it, if it lasts
		t.Wake()
	}
}

// Poll reads what is new: one statement when nothing is. The first poll loads
// the last Window. When it returns nil, everything committed before it began
// is seen. It fails with Unavailable.
func (t *Tail) Poll(ctx context.Context) error {
	const op = "changes.Poll"
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return fault.Wrap(op, ctx.Err())
	}
	began := t.clock.Now()
	heads, err := t.readHeads(ctx)
	if err != nil {
		return fault.Wrap(op, err)
	}
	var rows []row
	lost := noneLost
	if t.heads == nil {
		rows, err = t.readRecent(ctx, began.Add(-Window), heads)
	} else {
		rows, lost, err = t.readMoved(ctx, heads)
	}
	if err != nil {
		return fault.Wrap(op, err)
	}
	t.mem.learn(rows, lost, began)
	t.heads = heads
	t.watch.tell(rows, lost)
	return nil
}

// Now gives the current epoch, as Reader promises.
func (t *Tail) Now() Epoch {
	t.mem.mu.RLock()
	defer t.mem.mu.RUnlock()
	return t.mem.epoch
}

// Valid tells whether a value still stands, as Reader promises.
func (t *Tail) Valid(began Epoch, keys ...Key) bool {
	now := t.clock.Now()
	t.mem.mu.RLock()
	defer t.mem.mu.RUnlock()
	if began == 0 || began < t.mem.floor || !t.mem.fresh(now) {
		return false
	}
	for _, k := range keys {
		if t.mem.last[k] > began {
			return false
		}
	}
	return true
}

// Revoked tells whether any of keys was revoked, as Reader promises.
func (t *Tail) Revoked(keys ...Key) bool { return t.RevokedSince(time.Time{}, keys...) }

// RevokedSince tells whether a Revoked row made at since or later was seen for
// any of keys: for what can be granted anew under the same key.
func (t *Tail) RevokedSince(since time.Time, keys ...Key) bool {
	t.mem.mu.RLock()
	defer t.mem.mu.RUnlock()
	for _, k := range keys {
		if at, ok := t.mem.revoked[k]; ok && !at.Before(since) {
			return true
		}
	}
	return false
}

// Fresh tells whether the tail is younger than MaxAge, as Reader promises.
func (t *Tail) Fresh() bool {
	now := t.clock.Now()
	t.mem.mu.RLock()
	defer t.mem.mu.RUnlock()
	return t.mem.fresh(now)
}

// fresh wants the lock held. A clock that went back tells nothing of the age.
func (m *memory) fresh(now time.Time) bool {
	age := now.Sub(m.checked)
	return !m.checked.IsZero() && age >= 0 && age <= MaxAge
}

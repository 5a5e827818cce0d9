package operations

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
)

// blindReload is how often a process that can't tell whether something was
// published looks again. Our choice: whoever sends unknown ids costs one
// statement a second.
const blindReload = time.Second

// readWithin bounds a look, which no caller's context bounds.
const readWithin = 2 * time.Second

// Registered is one front's documents as a process knows them. It is safe for
// concurrent use.
type Registered struct {
	db      *database.DB
	front   string
	changes changes.Reader
	clock   clock.Clock
	log     *slog.Logger

	mu    sync.Mutex
	began changes.Epoch
	at    time.Time // of the last look, good or not
	fails bool      // the last look failed
	known map[string]Document
}

// NewRegistered gives the front's documents; nothing is read before the first
// is asked for.
func NewRegistered(db *database.DB, front string, seen changes.Reader, c clock.Clock, log *slog.Logger) *Registered {
	return &Registered{db: db, front: front, changes: seen, clock: c, log: log}
}

// Find gives the document with this id. One that this process does not know is
// looked for where something was published since it last looked. Where the
// database fails, what is known stands: documents are never taken away.
func (r *Registered) Find(ctx context.Context, id string) (Document, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d, ok := r.known[id]; ok {
		return d, true
	}
	if !r.due() {
		return Document{}, false
	}
	began, at := r.changes.Now(), r.clock.Now()
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), readWithin)
	defer cancel()
	list, err := List(short, r.db, r.front)
	r.at, r.fails = at, err != nil
	if err != nil {
		r.log.ErrorContext(ctx, "operations: registered documents can't be read", "front", r.front, "code", fault.CodeOf(err), "error", err)
		return Document{}, false
	}
	r.began, r.known = began, make(map[string]Document, len(list))
	for _, d := range list {
		r.known[d.ID] = d
	}
	d, ok := r.known[id]
	return d, ok
}

// due tells whether to look. It wants the lock held.
func (r *Registered) due() bool {
	if r.known != nil && r.changes.Valid(r.began, key(r.front)) {
		return false
	}
	if r.changes.Fresh() && !r.fails {
		return true
	}
	age := r.clock.Now().Sub(r.at)
	return r.at.IsZero() || age < 0 || age >= blindReload
}

package changes

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Basis is what an answer rests on, as the rooms that were asked for it noted.
// It is safe for concurrent use while the answer is made, and read only after.
type Basis struct {
	reader Reader
	began  Epoch

	mu    sync.Mutex
	keys  []Key
	until time.Time
	parts []func() bool
	never bool
}

type basisKey struct{}

// Noting gives a context in which rooms note what their answers rest on. It
// begins now: take it before anything is read.
func Noting(ctx context.Context, r Reader) (context.Context, *Basis) {
	b := &Basis{reader: r, began: r.Now()}
	return context.WithValue(ctx, basisKey{}, b), b
}

func noting(ctx context.Context) *Basis {
	b, _ := ctx.Value(basisKey{}).(*Basis)
	return b
}

// Rests notes that the answer stands until one of keys changes. Outside Noting
// it does nothing, as the other notes.
func Rests(ctx context.Context, keys ...Key) {
	if b := noting(ctx); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, k := range keys {
			if !slices.Contains(b.keys, k) {
				b.keys = append(b.keys, k)
			}
		}
	}
}

// RestsUntil notes that the answer says something else from then on.
func RestsUntil(ctx context.Context, then time.Time) {
	if b := noting(ctx); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.until.IsZero() || then.Before(b.until) {
			b.until = then
		}
	}
}

// RestsOn notes a part of the answer that can tell whether it still stands.
func RestsOn(ctx context.Context, stands func() bool) {
	if b := noting(ctx); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.parts = append(b.parts, stands)
	}
}

// Passes notes that the answer is of this moment alone: nothing may be kept of it.
func Passes(ctx context.Context) {
	if b := noting(ctx); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.never = true
	}
}

// Holds tells whether everything that was asked would say at now what it said
// then. What nobody noted anything for never holds.
func (b *Basis) Holds(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.never || len(b.keys) == 0 || !b.until.IsZero() && !now.Before(b.until) || !b.reader.Valid(b.began, b.keys...) {
		return false
	}
	for _, stands := range b.parts {
		if !stands() {
			return false
		}
	}
	return true
}

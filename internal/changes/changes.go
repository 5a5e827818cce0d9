package changes

import (
	"context"

	"github.com/tongban/tongban/internal/unit"
)

// Epoch is this process's own count of what its tail has seen. The zero Epoch
// is before everything: nothing read at it is ever valid.
type Epoch uint64

// Appender writes changes; *Log is one.
type Appender interface {
	// Append adds one row for each key, seen by every process once u commits
	// and by none when it is undone. Several calls in a unit add up: the rows
	// are written as the last thing in it, one for each key, Revoked where any
	// call said so. It fails with Invalid CHANGE_MALFORMED for an empty key, an
	// unknown what, or no key at all.
	Append(ctx context.Context, u unit.Unit, what What, keys ...Key) error
}

// Reader tells what became of kept values; *Tail is one.
type Reader interface {
	// Now gives the epoch to keep beside a value; taken before its read begins.
	Now() Epoch
	// Valid tells whether a value read at began still stands: no row for any
	// of keys came later, and the tail is fresh.
	Valid(began Epoch, keys ...Key) bool
	// Revoked tells whether a Revoked row was seen for any of keys within Window.
	Revoked(keys ...Key) bool
	// Fresh tells whether the tail is younger than MaxAge.
	Fresh() bool
}

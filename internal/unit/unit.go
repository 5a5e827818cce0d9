// Package unit is the unit of work: one transaction that services pass on and
// can't look into.
//
// Every store write takes a Unit, so no write happens outside one. There is no
// unit in a unit, and no call to the outside within one: In tells, and those
// who call outside refuse.
package unit

import "context"

// Unit is one open transaction. Handle is for the stores of this engine only.
type Unit interface {
	// Handle gives the engine's own transaction; internal/database knows its type.
	Handle() any
}

// Runner opens units.
type Runner interface {
	// Do runs f in one transaction: committed when f returns nil, undone when
	// it returns an error or panics. f may run again when the engine asks for
	// it (a deadlock), so it keeps no effects outside u. Do fails with Internal
	// UNIT_NESTED within another unit, otherwise with f's error or Unavailable.
	Do(ctx context.Context, f func(ctx context.Context, u Unit) error) error
}

type key struct{}

// Mark gives a context that says a unit is open in it.
func Mark(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// In tells whether a unit is open in ctx.
func In(ctx context.Context) bool { return ctx.Value(key{}) != nil }

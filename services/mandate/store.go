package mandate

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps mandates, the hashes of their codes, and who guessed.
type Store interface {
	// Create stores a new offer with the hash of its code.
	Create(ctx context.Context, u unit.Unit, m Mandate, code string) error

	// LockByCode gives the mandate whose code has the hash and keeps others from
	// changing it until the unit ends, used or lapsed as it may be. It fails with
	// NotFound MANDATE_NOT_FOUND.
	LockByCode(ctx context.Context, u unit.Unit, code string) (Mandate, error)

	// Lock is LockByCode by id.
	Lock(ctx context.Context, u unit.Unit, id ids.MandateID) (Mandate, error)

	// Save stores what changed of a mandate that the unit has locked. Its code is
	// forgotten once somebody took it or it ended.
	Save(ctx context.Context, u unit.Unit, m Mandate) error

	// Tries gives when who took a wrong code since the time, the oldest first, and
	// keeps others of who from trying until the unit ends.
	Tries(ctx context.Context, u unit.Unit, who ids.SubjectID, since time.Time) ([]time.Time, error)

	// Tried notes that who took a wrong code.
	Tried(ctx context.Context, u unit.Unit, who ids.SubjectID, at time.Time) error

	// Mandate gives one mandate. It fails with NotFound MANDATE_NOT_FOUND.
	Mandate(ctx context.Context, id ids.MandateID) (Mandate, error)

	// Given gives the mandates of the principal that are not over at now, in no
	// order, and keeps others from adding one and from changing these until the
	// unit ends.
	Given(ctx context.Context, u unit.Unit, principal ids.SubjectID, now time.Time) ([]Mandate, error)

	// List gives up to limit mandates in which who is the side, below the mark
	// (the zero Mark: from the newest on), the newest offer first.
	List(ctx context.Context, who ids.SubjectID, side Side, below Mark, limit int) ([]Mandate, error)

	// Open gives up to limit mandates of either side of who that are not over at
	// now, in no order.
	Open(ctx context.Context, who ids.SubjectID, now time.Time, limit int) ([]Mandate, error)

	// Lapsed gives up to limit mandates that stood until now or earlier, were not
	// ended and not told of, in no order, and keeps others from them until the unit
	// ends: of two callers at once, the later finds what the earlier left.
	Lapsed(ctx context.Context, u unit.Unit, now time.Time, limit int) ([]Mandate, error)

	// ActsFor counts the persons for whom the delegate's mandates stand at now,
	// but for one.
	ActsFor(ctx context.Context, delegate, but ids.SubjectID, now time.Time) (Burden, error)

	// Flagged gives up to limit delegates whose mandates of more than most elders
	// stand at now, those with most first.
	Flagged(ctx context.Context, most int, now time.Time, limit int) ([]Flag, error)

	// Sweep forgets wrong tries before the time.
	Sweep(ctx context.Context, u unit.Unit, before time.Time) error
}

// Mark is a place in a list: the mandate at it and all newer ones stand above.
type Mark struct {
	OfferedAt int64 // microseconds
	ID        ids.MandateID
}

// Burden is for how many persons somebody acts, and how many of them are elders.
type Burden struct{ Principals, Elders int }

// Flag is a delegate of remarkably many elders.
type Flag struct {
	Delegate ids.SubjectID
	Elders   int
}

package casework

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Claim is one idempotency key taken for one case.
type Claim struct {
	Subject ids.SubjectID
	// Key and Fingerprint are keyed hashes: what a client puts in a key, and
	// what it said, are nothing to keep in the open.
	Key         string
	Fingerprint string
	Case        ids.CaseID
	At          time.Time
}

// Cursor is a place in a subject's list, newest first; its zero value is the
// beginning.
type Cursor struct {
	At   time.Time
	Case ids.CaseID
}

// Store keeps cases, keys and events. Fields, materials and notes are sealed
// in it.
type Store interface {
	// Claim takes c.Key of c.Subject, or gives the claim that took it before:
	// who gets its own back owns the key. While another unit holds the key it
	// waits for that one's end, or the context's. Claims are never taken back.
	Claim(ctx context.Context, u unit.Unit, c Claim) (Claim, error)

	// Claimed gives the claim of the key; NotFound IDEMPOTENCY_KEY_NEW.
	Claimed(ctx context.Context, subject ids.SubjectID, key string) (Claim, error)

	// Insert adds a new case; its Events and Payment are not looked at.
	Insert(ctx context.Context, u unit.Unit, c Case) error

	// Lock gives the case and keeps every other unit from it until u ends;
	// NotFound CASE_UNKNOWN.
	Lock(ctx context.Context, u unit.Unit, id ids.CaseID) (Case, error)

	// Move stores State, Seq, Note, ReviewPoint, Receipt and UpdatedAt of a
	// case that u locked.
	Move(ctx context.Context, u unit.Unit, c Case) error

	// AddEvent keeps e of a case of subject that u locked. It fails with
	// Conflict CASE_EVENT_KNOWN when the case has an event with that ID.
	AddEvent(ctx context.Context, u unit.Unit, subject ids.SubjectID, e Event) error

	// CountEvents tells how many events u sees of a case of subject that it locked.
	CountEvents(ctx context.Context, u unit.Unit, subject ids.SubjectID, id ids.CaseID) (int, error)

	// Case gives one case without events; NotFound CASE_UNKNOWN.
	Case(ctx context.Context, id ids.CaseID) (Case, error)

	// Events gives a case's events by Seq, those of one Seq as they came.
	Events(ctx context.Context, subject ids.SubjectID, id ids.CaseID) ([]Event, error)

	// Newest gives at most limit cases of subject after the cursor, newest
	// first, without events.
	Newest(ctx context.Context, subject ids.SubjectID, after Cursor, limit int) ([]Case, error)

	PaymentStore
}

package ledger

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps the chains. It can append and read, and remove from the front
// what a signed head stands for; it can't change.
type Store interface {
	// Append locks the head of the subject's chain for the rest of the unit,
	// hands it to link, stores what link gives and moves the head to it. Two
	// units that append for one subject run one after the other. An error of
	// link is returned as it is and nothing is stored.
	Append(ctx context.Context, u unit.Unit, subject ids.SubjectID, link func(Head) (Link, error)) error

	// Newest gives up to limit entries of the subject that the filter lets
	// through, with a Seq below before (0: from the newest on), the newest first.
	Newest(ctx context.Context, subject ids.SubjectID, f Filter, before int64, limit int) ([]Entry, error)

	// Walk gives up to limit links with a Seq above after, the oldest first.
	Walk(ctx context.Context, subject ids.SubjectID, after int64, limit int) ([]Link, error)

	// Head gives the end of the subject's chain, zero where there is none.
	Head(ctx context.Context, subject ids.SubjectID) (Head, error)

	// Sign keeps a signed head; one that stands at its Seq already stays.
	Sign(ctx context.Context, u unit.Unit, subject ids.SubjectID, h SignedHead) error

	// Signed gives up to limit signed heads of the subject with a Seq from the
	// one named on, the lowest first.
	Signed(ctx context.Context, subject ids.SubjectID, from int64, limit int) ([]SignedHead, error)

	// SignedUpTo gives the subject's signed head with the highest Seq that is
	// not above seq, zero where there is none.
	SignedUpTo(ctx context.Context, subject ids.SubjectID, seq int64) (SignedHead, error)

	// Unsigned gives up to limit subjects after the one named whose chain has
	// moved since its last signed head, in their order.
	Unsigned(ctx context.Context, after ids.SubjectID, limit int) ([]ids.SubjectID, error)

	// AddKey keeps a key that signs, once.
	AddKey(ctx context.Context, u unit.Unit, k SigningKey) error

	// Keys gives every key that was kept, the oldest first.
	Keys(ctx context.Context) ([]SigningKey, error)

	// Old gives up to limit chains after the subject named that begin with
	// entries made before the time, and up to which Seq all are, in the order
	// of their subjects.
	Old(ctx context.Context, before time.Time, after ids.SubjectID, limit int) ([]Front, error)

	// Prune removes the front of a chain. There must be a signed head at its
	// Seq. It tells how many entries went. It fails with Internal when the
	// engine refuses, as it does for entries younger than three years.
	Prune(ctx context.Context, u unit.Unit, f Front) (int64, error)
}

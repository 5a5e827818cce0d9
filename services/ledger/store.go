package ledger

import (
	"context"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Store keeps the chains. It can append and read; it can't change or remove.
type Store interface {
	// Append locks the head of the subject's chain for the rest of the unit,
	// hands it to link, stores what link gives and moves the head to it. Two
	// units that append for one subject run one after the other. An error of
	// link is returned as it is and nothing is stored.
	Append(ctx context.Context, u unit.Unit, subject ids.SubjectID, link func(Head) (Link, error)) error

	// Newest gives up to limit entries of the subject with a Seq below before
	// (0: from the newest on), the newest first.
	Newest(ctx context.Context, subject ids.SubjectID, before int64, limit int) ([]Entry, error)

	// Walk gives up to limit links with a Seq above after, the oldest first.
	Walk(ctx context.Context, subject ids.SubjectID, after int64, limit int) ([]Link, error)

	// Head gives the end of the subject's chain, zero where there is none.
	Head(ctx context.Context, subject ids.SubjectID) (Head, error)
}

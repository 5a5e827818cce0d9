package ledger

import (
	"context"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// walkStep is how many links one read of Verify takes. Our choice: some 200 kB.
const walkStep = 500

// Verify walks the subject's chain from its first entry to its head. It fails
// with Internal LEDGER_CHAIN_BROKEN, naming the first Seq that does not hold,
// when an entry was changed, removed, added or put elsewhere. It may run while
// entries are appended.
func (s *Service) Verify(ctx context.Context, subject ids.SubjectID) error {
	const op = "ledger.Verify"
	var end, known Head // how far the chain holds, and how far it must reach
	for {
		links, err := s.d.Store.Walk(ctx, subject, end.Seq, walkStep)
		if err != nil {
			return fault.Wrap(op, err)
		}
		if len(links) == 0 && end.Seq < known.Seq {
			return broken(op, end.Seq+1)
		}
		for _, l := range links {
			if l.Entry.Subject != subject || l.Entry.Seq != end.Seq+1 || l.Prev != end.Hash || l.Hash != s.hash(l.Prev, l.Entry) {
				return broken(op, end.Seq+1)
			}
			end = Head{Seq: l.Entry.Seq, Hash: l.Hash}
		}
		if len(links) == walkStep {
			continue
		}
		// The head is read after the entries, so it is ahead of them only by
		// what was appended since; the next step must find that.
		if known, err = s.d.Store.Head(ctx, subject); err != nil {
			return fault.Wrap(op, err)
		}
		if known == end {
			return nil
		}
		if known.Seq <= end.Seq {
			return broken(op, end.Seq)
		}
	}
}

func broken(op string, seq int64) error {
	return fault.New(op, fault.Internal, "LEDGER_CHAIN_BROKEN").With("seq", strconv.FormatInt(seq, 10))
}

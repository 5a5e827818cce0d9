package ledger

import (
	"context"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// walkStep is how many links one read of a walk takes. Our choice: some 200 kB.
const walkStep = 500

// place is how far a chain was walked: the entry at seq, its keyed hash, and
// its digest.
type place struct {
	seq          int64
	link, digest string
}

// Verify walks the subject's chain from its first entry, or from the signed
// head that stands for what was pruned, to its end. It fails with Internal
// LEDGER_CHAIN_BROKEN, naming the first Seq that does not hold, when an entry
// was changed, removed, added or put elsewhere, or is not the one that a head
// was signed over. It may run while entries are appended.
func (s *Service) Verify(ctx context.Context, subject ids.SubjectID) error {
	const op = "ledger.Verify"
	at, err := s.beginning(ctx, subject)
	if err != nil {
		return fault.Wrap(op, err)
	}
	heads := &signedHeads{s: s, subject: subject, from: at.seq + 1}
	for {
		// The head is read after the entries, so it is ahead of them only by
		// what was appended since; the next step must find that.
		at, err = s.walk(ctx, subject, at, 0, heads.check)
		if err != nil {
			return fault.Wrap(op, err)
		}
		known, err := s.d.Store.Head(ctx, subject)
		switch {
		case err != nil:
			return fault.Wrap(op, err)
		case known.Seq == at.seq && known.Hash == at.link:
			return fault.Wrap(op, heads.none(ctx))
		case known.Seq <= at.seq:
			return broken(op, at.seq)
		}
		if next, err := s.d.Store.Walk(ctx, subject, at.seq, 1); err != nil || len(next) == 0 {
			return fault.Wrap(op, orBroken(err, at.seq+1))
		}
	}
}

// beginning is where the subject's chain begins: before its first entry, or at
// the signed head of what was pruned.
func (s *Service) beginning(ctx context.Context, subject ids.SubjectID) (place, error) {
	head, err := s.d.Store.Head(ctx, subject)
	if err != nil || head.Pruned == 0 {
		return place{}, err
	}
	return s.signedPlace(ctx, subject, head.Pruned)
}

// walk goes on from a place, up to the entry at until (0: to the end), and has
// f look at each link on the way. It fails with Internal LEDGER_CHAIN_BROKEN.
func (s *Service) walk(ctx context.Context, subject ids.SubjectID, at place, until int64, f func(context.Context, Link, place) error) (place, error) {
	const op = "ledger.walk"
	for until == 0 || at.seq < until {
		step := walkStep
		if until > 0 {
			step = int(min(walkStep, until-at.seq))
		}
		links, err := s.d.Store.Walk(ctx, subject, at.seq, step)
		if err != nil {
			return place{}, fault.Wrap(op, err)
		}
		for _, l := range links {
			if l.Entry.Subject != subject || l.Entry.Seq != at.seq+1 || l.Prev != at.link || l.Hash != s.hash(l.Prev, l.Entry) {
				return place{}, broken(op, at.seq+1)
			}
			line, err := s.line(l.Entry)
			if err != nil {
				return place{}, err
			}
			at = place{seq: l.Entry.Seq, link: l.Hash, digest: digest(at.digest, line)}
			if err := f(ctx, l, at); err != nil {
				return place{}, err
			}
		}
		if len(links) < step {
			if until > at.seq {
				return place{}, broken(op, at.seq+1)
			}
			break
		}
	}
	return at, nil
}

// signedHeads are those of one chain, read as a walk comes to them.
type signedHeads struct {
	s       *Service
	subject ids.SubjectID
	from    int64
	next    []SignedHead
	ended   bool
}

// check compares the next signed head with the place, if it stands there.
func (h *signedHeads) check(ctx context.Context, _ Link, at place) error {
	const op = "ledger.Verify"
	if err := h.fill(ctx); err != nil || len(h.next) == 0 || h.next[0].Seq > at.seq {
		return err
	}
	if p, err := h.s.open(ctx, h.subject, h.next[0]); err != nil || p != at {
		return broken(op, at.seq)
	}
	h.next = h.next[1:]
	return nil
}

// none tells that no head was signed over more than the walk came to.
func (h *signedHeads) none(ctx context.Context) error {
	if err := h.fill(ctx); err != nil || len(h.next) == 0 {
		return err
	}
	return broken("ledger.Verify", h.next[0].Seq)
}

func (h *signedHeads) fill(ctx context.Context) error {
	if len(h.next) > 0 || h.ended {
		return nil
	}
	list, err := h.s.d.Store.Signed(ctx, h.subject, h.from, walkStep)
	if err != nil {
		return err
	}
	h.next, h.ended = list, len(list) < walkStep
	if len(list) > 0 {
		h.from = list[len(list)-1].Seq + 1
	}
	return nil
}

func orBroken(err error, seq int64) error {
	if err != nil {
		return err
	}
	return broken("ledger.Verify", seq)
}

func broken(op string, seq int64) error {
	return fault.New(op, fault.Internal, "LEDGER_CHAIN_BROKEN").With("seq", strconv.FormatInt(seq, 10))
}

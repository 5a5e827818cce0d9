package ledger

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// RetentionYears is for how many years every entry is kept: PIPL wants records
// of hand-overs for three at least.
const RetentionYears = 3

// pruneStep is how many chains Prune asks for at once.
const pruneStep = 200

// Pruned is what Prune did.
type Pruned struct{ Chains, Entries int64 }

// Prune removes what was entered before the time, from the front of each chain
// on: a signed head stands for it afterwards, so what is left still verifies.
// It fails with Invalid LEDGER_RETENTION for a time less than RetentionYears
// ago, and stops with Internal LEDGER_CHAIN_BROKEN at a chain that does not
// hold: evidence of that is not removed.
func (s *Service) Prune(ctx context.Context, before time.Time) (Pruned, error) {
	const op = "ledger.Prune"
	if before.After(s.d.Clock.Now().AddDate(-RetentionYears, 0, 0)) {
		return Pruned{}, fault.New(op, fault.Invalid, "LEDGER_RETENTION")
	}
	var done Pruned
	for after := ids.SubjectID(""); ; {
		list, err := s.d.Store.Old(ctx, before, after, pruneStep)
		if err != nil {
			return done, fault.Wrap(op, err)
		}
		for _, f := range list {
			n, err := s.prune(ctx, f)
			if err != nil {
				return done, fault.Wrap(op, err)
			}
			done.Chains, done.Entries = done.Chains+1, done.Entries+n
		}
		if len(list) < pruneStep {
			return done, nil
		}
		after = list[len(list)-1].Subject
	}
}

func (s *Service) prune(ctx context.Context, f Front) (n int64, err error) {
	if _, err := s.signedAt(ctx, f.Subject, f.Seq); err != nil {
		return 0, err
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		n, err = s.d.Store.Prune(ctx, u, f)
		return err
	})
	return n, err
}

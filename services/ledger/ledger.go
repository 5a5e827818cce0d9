package ledger

import (
	"context"
	"log/slog"
	"slices"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Keys makes the keyed hash of the chain; crypt.Ring does.
type Keys interface {
	Index(place, value string) string
}

// Deps is what the ledger works with.
type Deps struct {
	// Issuer is the product's base URL, the iss of signed heads.
	Issuer string
	// Units opens those in which heads are signed and chains pruned; Record
	// runs in its caller's.
	Units unit.Runner
	Store Store
	Clock clock.Clock
	IDs   *ids.Source
	Keys  Keys
	// ChangeLog tells of new entries; nil tells nobody.
	ChangeLog changes.Appender
	// Signer signs heads; without one nothing can be exported or pruned.
	Signer Signer
	Log    *slog.Logger
}

// Key moves with every entry of the subject, and with nothing else.
func Key(subject ids.SubjectID) changes.Key { return changes.Key("ledger/" + string(subject)) }

// Service records and shows uses of persons' data.
type Service struct{ d Deps }

// New gives the ledger.
func New(d Deps) *Service { return &Service{d: d} }

// Record appends e to its subject's chain in u; ID, At and Seq are given here.
// When it fails the hand-over must not happen: return its error from the unit.
// It fails with Invalid LEDGER_ENTRY_INVALID when the use is not named in full
// and LEDGER_FIELD_IS_VALUE when a field name looks like a value.
func (s *Service) Record(ctx context.Context, u unit.Unit, e Entry) error {
	const op = "ledger.Record"
	if err := check(e); err != nil {
		return err
	}
	e.ID = ids.EntryID(s.d.IDs.New("use"))
	e.At = s.d.Clock.Now()
	e.Fields = slices.Clone(e.Fields)
	err := s.d.Store.Append(ctx, u, e.Subject, func(h Head) (Link, error) {
		next := e
		next.Seq = h.Seq + 1
		return Link{Entry: next, Prev: h.Hash, Hash: s.hash(h.Hash, next)}, nil
	})
	if err == nil && s.d.ChangeLog != nil {
		err = s.d.ChangeLog.Append(ctx, u, changes.Changed, Key(e.Subject))
	}
	return fault.Wrap(op, err)
}

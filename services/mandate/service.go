package mandate

import (
	"context"
	"log/slog"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
)

// Accounts knows who persons are; *identity.Service does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Guardians tells of a source who is whose guardian.
type Guardians interface {
	// Guards fails with Forbidden MANDATE_GUARDIAN_UNPROVED unless a source holds
	// that guardian is the child's, and with Unavailable where it does not answer.
	Guards(ctx context.Context, guardian, child identity.Account) error
}

// Ledger tells what was done; *ledger.Service does.
type Ledger interface {
	List(ctx context.Context, subject ids.SubjectID, page ledger.Page) ([]ledger.Entry, string, error)
}

// Hash makes keyed hashes; crypt.Ring does.
type Hash interface {
	Index(place, value string) string
}

// Deps is what mandate works with.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	IDs       *ids.Source
	Hash      Hash
	Accounts  Accounts
	Ledger    Ledger
	Outbox    outbox.Appender
	ChangeLog changes.Appender
	// Changes tells when what is kept in memory is old; nil keeps nothing.
	Changes changes.Reader
	// Guardians may be nil: then nobody is known to be a guardian.
	Guardians Guardians
	Log       *slog.Logger
}

// Service makes, keeps and ends mandates.
type Service struct {
	d    Deps
	kept *changes.Cache[ids.MandateID, Mandate]
}

// keptMandates bounds the mandates kept in memory: those by which somebody acts
// now.
const keptMandates = 20_000

// New gives the service.
func New(d Deps) *Service {
	return &Service{d: d, kept: changes.NewCache[ids.MandateID, Mandate](d.Changes, d.Clock, keptMandates)}
}

// Standing gives the mandate by which delegate may act now. It fails with
// Private MANDATE_NOT_FOUND when it is not the delegate's, and
// Unauthenticated MANDATE_ENDED when it was not confirmed, was ended, or has lapsed. It is asked
// at each request: what it gives is kept until the change log says otherwise.
func (s *Service) Standing(ctx context.Context, id ids.MandateID, delegate ids.SubjectID) (Mandate, error) {
	const op = "mandate.Standing"
	m, err := s.kept.Read(ctx, id, []changes.Key{changes.Mandate(id)}, func() (Mandate, error) { return s.d.Store.Mandate(ctx, id) })
	if fault.Is(err, fault.NotFound) || err == nil && m.Of(delegate) != Delegate {
		return Mandate{}, hidden(op)
	}
	if err != nil {
		return Mandate{}, fault.Wrap(op, err)
	}
	if m.State(s.d.Clock.Now()) != Standing {
		return Mandate{}, fault.New(op, fault.Unauthenticated, "MANDATE_ENDED")
	}
	changes.RestsUntil(ctx, m.Until)
	return m, nil
}

// Hold keeps a mandate by which delegate acts from ending until the unit ends: an
// end waits for the unit, or has come before it. It fails with Unauthenticated
// MANDATE_ENDED for whatever is wrong with it.
func (s *Service) Hold(ctx context.Context, u unit.Unit, id ids.MandateID, delegate ids.SubjectID) error {
	const op = "mandate.Hold"
	m, err := s.d.Store.Lock(ctx, u, id)
	if fault.Is(err, fault.NotFound) || err == nil && (m.Of(delegate) != Delegate || m.State(s.d.Clock.Now()) != Standing) {
		return fault.New(op, fault.Unauthenticated, "MANDATE_ENDED").Because(err)
	}
	return fault.Wrap(op, err)
}

func hidden(op string) error { return fault.New(op, fault.Private, "MANDATE_NOT_FOUND") }

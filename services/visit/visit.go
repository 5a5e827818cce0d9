package visit

import (
	"context"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/licence"
)

// Permits tells what a visit allows; access does.
type Permits interface {
	Permit(ctx context.Context, v ids.Visit) (access.Permit, error)
}

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Cases knows a person's cases; casework does.
type Cases interface {
	Mine(ctx context.Context, actor ids.Actor, page casework.Page) (casework.Cases, error)
	Case(ctx context.Context, actor ids.Actor, id ids.CaseID) (casework.Case, error)
}

// Licences gives a person's licences; licence does.
type Licences interface {
	List(ctx context.Context, actor ids.Actor) (licence.Shelf, error)
}

// Guides tells how an item is done in a region; catalogue does.
type Guides interface {
	Item(id ids.ItemID) (catalogue.Item, error)
	Guide(id ids.ItemID, region ids.AreaCode) (catalogue.Guide, error)
}

// Recorder enters a use of data; the ledger does.
type Recorder interface {
	Record(ctx context.Context, u unit.Unit, e ledger.Entry) error
}

// Deps is what a Service works with.
type Deps struct {
	Units    unit.Runner
	Clock    clock.Clock
	Permits  Permits
	Accounts Accounts
	Cases    Cases
	Licences Licences
	Guides   Guides
	Ledger   Recorder
}

// Service answers mini-apps. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a service.
func New(d Deps) *Service { return &Service{d: d} }

// tell enters a hand-over; what can't be entered must not be told.
func (s *Service) tell(ctx context.Context, e ledger.Entry) error {
	return s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.d.Ledger.Record(ctx, u, e) })
}

// refused says that the permit does not hold the claim. Whether the manifest
// never asked or the person declined, the app knows from its own manifest.
func refused(op, claim string) error {
	return fault.New(op, fault.Forbidden, "CLAIM_NOT_GRANTED").With("claim", claim)
}

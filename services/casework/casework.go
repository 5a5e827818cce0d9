package casework

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// Recorder enters a use of data; the ledger does.
type Recorder interface {
	Record(ctx context.Context, u unit.Unit, e ledger.Entry) error
}

// Items knows the catalogue's items; catalogue does.
type Items interface {
	Item(id ids.ItemID) (catalogue.Item, error)
	Region(code ids.AreaCode) (catalogue.Region, error)
}

// Apps knows the plug-ins; miniapp does.
type Apps interface {
	ForRegion(area ids.AreaCode) []miniapp.App
	App(ctx context.Context, id ids.AppID) (miniapp.App, error)
}

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Provinces speaks to plug-ins; province does.
type Provinces interface {
	Read(ctx context.Context, ask province.Ask) province.Reading
	Send(ctx context.Context, ask province.Ask, key string) (map[string]any, error)
}

// Papers keeps what persons give and sign; material does.
type Papers interface {
	// Take joins one to a case. With no app it is kept for the case, and
	// fetched by nobody, until Hand; GiveBack frees it.
	Take(ctx context.Context, u unit.Unit, subject ids.SubjectID, g material.Given, c ids.CaseID, app ids.AppID) error
	Hand(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID, app ids.AppID) error
	GiveBack(ctx context.Context, u unit.Unit, subject ids.SubjectID, c ids.CaseID) error
	Delivered(ctx context.Context, g material.Given) (material.Paper, error)
}

// Hasher makes keyed hashes; crypt.Ring does.
type Hasher interface {
	Index(place, value string) string
}

// Deps is what a Service works with.
type Deps struct {
	Units     unit.Runner
	Store     Store
	Clock     clock.Clock
	IDs       *ids.Source
	Outbox    outbox.Appender
	ChangeLog changes.Appender
	Changes   changes.Reader // tells when a kept list is void; nil keeps none
	Ledger    Recorder
	Items     Items
	Apps      Apps
	Accounts  Accounts
	Provinces Provinces
	// Uses tells which apps the person uses; nil leaves national systems out.
	Uses province.Uses
	Hash Hasher
	// Papers is needed for materials that a person gives or signs.
	Papers Papers
	// Payments is where fees are paid; nil where nobody collects them: then an
	// item that costs something can't be handed in.
	Payments Platform
	Log      *slog.Logger
	// Patience is how long a submission waits to be stored; 0 is 5 s.
	Patience time.Duration
}

// Key is the change of a person's own list of cases.
func Key(subject ids.SubjectID) changes.Key { return changes.Key("cases/" + string(subject)) }

// changed says that a case moved: the person's own list, and what is kept of
// them from the app that handles it; other sources know nothing new.
func (s *Service) changed(ctx context.Context, u unit.Unit, c Case) error {
	return s.d.ChangeLog.Append(ctx, u, changes.Changed, Key(c.Subject), province.DataKey(c.Subject, c.App))
}

// Service takes submissions, delivers them and follows them. It is safe for
// concurrent use.
type Service struct {
	d    Deps
	mine *changes.Cache[minePage, Cases]
}

// minePage names the first page of a person's own cases, of a size.
type minePage struct {
	subject ids.SubjectID
	first   int
}

// keptLists bounds the first pages kept in memory. Our choice, at a few
// kilobytes each.
const keptLists = 20_000

// patience is our choice: within it a person still believes that something
// happens, and a unit takes milliseconds.
const patience = 5 * time.Second

// New gives a service.
func New(d Deps) *Service {
	if d.Patience == 0 {
		d.Patience = patience
	}
	return &Service{d: d, mine: changes.NewCache[minePage, Cases](d.Changes, d.Clock, keptLists)}
}

// may refuses who acts for another without the scope.
func may(op string, actor ids.Actor, scope ids.Scope) error {
	if actor.May(scope) {
		return nil
	}
	return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
}

// Handler gives the app that handles the item in the region: the first that
// serves the region, offers the item and takes submissions. It fails with
// NotFound ITEM_UNKNOWN or REGION_UNKNOWN, with ITEM_NOT_OFFERED when no app
// there does, and as miniapp's App when it does not serve now.
func (s *Service) Handler(ctx context.Context, item ids.ItemID, region ids.AreaCode) (miniapp.App, error) {
	const op = "casework.Handler"
	if _, err := s.d.Items.Item(item); err != nil {
		return miniapp.App{}, fault.Wrap(op, err)
	}
	if _, err := s.d.Items.Region(region.Province()); err != nil {
		return miniapp.App{}, fault.Wrap(op, err)
	}
	for _, app := range s.d.Apps.ForRegion(region) {
		_, takes := app.Manifest.Connector.Capabilities[miniapp.CapCaseSubmit]
		offers := slices.ContainsFunc(app.Manifest.Services, func(o miniapp.Offer) bool { return o.Item == item })
		if takes && offers {
			// ForRegion answers from memory; this is the gate.
			app, err := s.d.Apps.App(ctx, app.ID)
			return app, fault.Wrap(op, err)
		}
	}
	return miniapp.App{}, fault.New(op, fault.NotFound, "ITEM_NOT_OFFERED")
}

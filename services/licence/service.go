package licence

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// Fresh is how long a source's list counts as fresh. Our choice: licences
// change by the month; who shows one has its state checked then.
const Fresh = 5 * time.Minute

// Accounts tells who a subject is; identity does.
type Accounts interface {
	Account(ctx context.Context, subject ids.SubjectID) (identity.Account, error)
}

// Apps tells which apps serve an area; miniapp does.
type Apps interface {
	ForRegion(area ids.AreaCode) []miniapp.App
}

// Provinces asks sources; province does.
type Provinces interface {
	Read(ctx context.Context, ask province.Ask) province.Reading
	ReadAll(ctx context.Context, asks []province.Ask) []province.Reading
}

// Recorder enters a use of data; the ledger does.
type Recorder interface {
	Record(ctx context.Context, u unit.Unit, e ledger.Entry) error
}

// Deps is what a Service works with. A list needs Accounts, Apps, Provinces,
// Clock and Index alone.
type Deps struct {
	Accounts  Accounts
	Apps      Apps
	Provinces Provinces
	Clock     clock.Clock
	// Uses tells which apps the person uses; nil leaves national systems out.
	Uses province.Uses
	// Index is a keyed hash, such as (*crypt.Ring).Index.
	Index func(place, value string) string

	Units     unit.Runner
	Store     Store
	IDs       *ids.Source
	Ledger    Recorder
	ChangeLog changes.Appender
	Verifiers *Registry
	// Issuer is the product's base URL, which a code's link begins with.
	Issuer string
}

// Service gathers licences. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a service.
func New(d Deps) *Service { return &Service{d: d} }

// List gives the person's licences from every source of its places, asked in
// parallel. A source that fails is told in the shelf and hides no other. It
// fails with NotFound when there is no such account, and Forbidden
// ACTING_NOT_ALLOWED for one who acts for another without the scope to see all.
func (s *Service) List(ctx context.Context, actor ids.Actor) (Shelf, error) {
	return s.shelf(ctx, "licence.List", actor, ids.ScopeSpace)
}

// ListFor is List for who prepares a matter and looks what answers its materials:
// one who acts for another needs the scope of that matter.
func (s *Service) ListFor(ctx context.Context, actor ids.Actor, item ids.ItemID) (Shelf, error) {
	return s.shelf(ctx, "licence.ListFor", actor, ids.ScopeMatter(item))
}

func (s *Service) shelf(ctx context.Context, op string, actor ids.Actor, scope ids.Scope) (Shelf, error) {
	held, err := s.held(ctx, actor, scope)
	if err != nil {
		return Shelf{}, fault.Wrap(op, err)
	}
	shelf := Shelf{Licences: make([]Licence, len(held.licences)), Sources: held.sources}
	for i, one := range held.licences {
		shelf.Licences[i] = one.Licence
	}
	return shelf, nil
}

// holding is a shelf with what only its holder lets out.
type holding struct {
	account  identity.Account
	licences []bound
	sources  []SourceState
}

func (s *Service) held(ctx context.Context, actor ids.Actor, scope ids.Scope) (holding, error) {
	if !actor.May(scope) {
		return holding{}, refused("licence.held")
	}
	account, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return holding{}, err
	}
	changes.Rests(ctx, miniapp.RegistryKey)
	changes.RestsUntil(ctx, tomorrow(s.d.Clock.Now())) // what lapses tonight is told otherwise then
	sources, asks, err := s.sources(ctx, account)
	if err != nil {
		return holding{}, err
	}
	readings := s.d.Provinces.ReadAll(ctx, asks)
	h := holding{account: account, sources: make([]SourceState, len(sources))}
	b := s.binder(account)
	for i, r := range readings {
		h.sources[i] = sources[i].state(r)
		b.bind(sources[i], i, r)
	}
	h.licences = b.sorted()
	return h, nil
}

func (s *Service) binder(account identity.Account) *binder {
	return &binder{s: s, account: account, now: s.d.Clock.Now(), at: map[string]int{}}
}

// refused is what who acts for another is told of what they may not do.
func refused(op string) error { return fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED") }

// source is one app, or a city's point of it, and the place for which it is asked.
type source struct{ province.Target }

func (s source) state(r province.Reading) SourceState {
	return SourceState{App: s.App.ID, Province: s.Place.Province(), Name: s.Source(),
		Freshness: r.Freshness, AsOf: r.AsOf, Since: r.Since, Reason: r.Reason, Missing: r.Missing}
}

func (s *Service) sources(ctx context.Context, account identity.Account) ([]source, []province.Ask, error) {
	reach := province.Reach{Apps: s.d.Apps, Uses: s.d.Uses}
	targets, err := reach.Targets(ctx, account, province.Offers(miniapp.CapLicenceList))
	sources, asks := make([]source, len(targets)), make([]province.Ask, len(targets))
	person := province.PersonOf(account)
	for i, to := range targets {
		sources[i] = source{to}
		asks[i] = province.Ask{Person: person, App: to.App.ID, Capability: to.Capability, Area: to.Place, Fresh: Fresh}
	}
	return sources, asks, err
}

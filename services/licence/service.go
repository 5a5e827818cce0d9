package licence

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
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
	ReadAll(ctx context.Context, asks []province.Ask) []province.Reading
}

// Deps is what a Service works with.
type Deps struct {
	Accounts  Accounts
	Apps      Apps
	Provinces Provinces
	Clock     clock.Clock
	// Index is a keyed hash, such as (*crypt.Ring).Index.
	Index func(place, value string) string
}

// Service gathers licences. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a service.
func New(d Deps) *Service { return &Service{d: d} }

// List gives the person's licences from every source of its places, asked in
// parallel. A source that fails is told in the shelf and hides no other. It
// fails with NotFound when there is no such account, and Forbidden
// ACTING_NOT_ALLOWED for one who acts for another: no mandate is checked here.
func (s *Service) List(ctx context.Context, actor ids.Actor) (Shelf, error) {
	const op = "licence.List"
	if actor.By != "" {
		return Shelf{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	account, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return Shelf{}, fault.Wrap(op, err)
	}
	sources, asks := s.sources(account)
	readings := s.d.Provinces.ReadAll(ctx, asks)
	shelf := Shelf{Licences: []Licence{}, Sources: make([]SourceState, len(sources))}
	b := binder{s: s, subject: account.Subject, now: s.d.Clock.Now(), at: map[string]int{}}
	for i, r := range readings {
		src := sources[i]
		shelf.Sources[i] = SourceState{App: src.app.ID, Province: src.place, Name: src.app.Manifest.Name,
			Freshness: r.Freshness, AsOf: r.AsOf, Since: r.Since, Reason: r.Reason}
		b.bind(src, i, r)
	}
	shelf.Licences = b.sorted()
	return shelf, nil
}

// source is one app to be asked, and the place for which.
type source struct {
	app   miniapp.App
	place ids.AreaCode
}

func (s *Service) sources(account identity.Account) ([]source, []province.Ask) {
	var sources []source
	var asks []province.Ask
	person := province.Person{Subject: account.Subject, Name: account.Profile.Name, IDNumber: account.Profile.IDNumber, CertKey: account.CertKey}
	asked := map[ids.AppID]bool{}
	for _, place := range account.Records() {
		for _, app := range s.d.Apps.ForRegion(place) {
			if _, offers := app.Manifest.Connector.Capabilities[miniapp.CapLicenceList]; !offers || asked[app.ID] {
				continue
			}
			asked[app.ID] = true
			sources = append(sources, source{app: app, place: place})
			asks = append(asks, province.Ask{Person: person, App: app.ID, Capability: miniapp.CapLicenceList, Area: place, Fresh: Fresh})
		}
	}
	return sources, asks
}

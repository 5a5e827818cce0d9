package space

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// ReminderDays is how many days before its end a licence is spoken of. Our
// choice: renewals by post take up to six weeks.
const ReminderDays = 60

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

// Licences gives a person's shelf; licence does.
type Licences interface {
	List(ctx context.Context, actor ids.Actor) (licence.Shelf, error)
}

// Deps is what a Service works with.
type Deps struct {
	Accounts  Accounts
	Apps      Apps
	Provinces Provinces
	Licences  Licences
	Clock     clock.Clock
	// Uses tells which apps the person uses; nil leaves national systems out.
	Uses province.Uses
}

// Service fills the personal space. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a service.
func New(d Deps) *Service { return &Service{d: d} }

// Tiles gives the person's tiles: by the account's places, then by each
// manifest's order; of a national system or department only where the person
// uses it. All are asked at once, each waits as long as its manifest
// allows, and a tile without a value says why. It fails with NotFound when
// there is no such account, and Forbidden ACTING_NOT_ALLOWED for one who acts
// for another without the scope for it.
func (s *Service) Tiles(ctx context.Context, actor ids.Actor) ([]Tile, error) {
	const op = "space.Tiles"
	if !actor.May(ids.ScopeSpace) {
		return nil, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	account, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	changes.Rests(ctx, miniapp.RegistryKey)
	tiles, asks, err := s.plan(ctx, account)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	for i, r := range s.d.Provinces.ReadAll(ctx, asks) {
		tiles[i].fill(r)
	}
	return tiles, nil
}

// plan gives the tiles still empty, and what to ask for each.
func (s *Service) plan(ctx context.Context, account identity.Account) ([]Tile, []province.Ask, error) {
	reach := province.Reach{Apps: s.d.Apps, Uses: s.d.Uses}
	targets, err := reach.Targets(ctx, account, tileNames)
	if err != nil {
		return nil, nil, err
	}
	tiles, asks := make([]Tile, 0, len(targets)), make([]province.Ask, 0, len(targets))
	person := province.PersonOf(account)
	for _, to := range targets {
		i := slices.IndexFunc(to.App.Manifest.Tiles, func(t miniapp.Tile) bool { return t.Capability == to.Capability })
		declared := to.App.Manifest.Tiles[i]
		id := string(to.App.ID) + "/" + to.Capability
		if to.Child != "" {
			id += "/" + string(to.Child)
		}
		tiles = append(tiles, Tile{ID: id, App: to.App.ID, Province: to.Place.Province(), Source: to.Source(), Title: declared.Title})
		asks = append(asks, province.Ask{Person: person, App: to.App.ID, Capability: to.Capability, Area: to.Place, Deadline: declared.Deadline(), Fresh: declared.Fresh()})
	}
	return tiles, asks, nil
}

func tileNames(app miniapp.App) []string {
	names := make([]string, len(app.Manifest.Tiles))
	for i, t := range app.Manifest.Tiles {
		names[i] = t.Capability
	}
	return names
}

func (t *Tile) fill(r province.Reading) {
	t.AsOf, t.FreshUntil, t.Freshness, t.Since, t.Reason = r.AsOf, r.FreshUntil, r.Freshness, r.Since, r.Reason
	t.Headline, _ = r.Value["headline"].(string)
	lines, _ := r.Value["lines"].([]any)
	t.Lines = make([]Line, 0, len(lines))
	for _, one := range lines {
		m, _ := one.(map[string]any)
		label, _ := m["label"].(string)
		value, _ := m["value"].(string)
		t.Lines = append(t.Lines, Line{Label: label, Value: value})
	}
}

// Reminders gives what soon asks for an act: licences that end within
// ReminderDays or ended that long ago, the most urgent first. It fails as
// licence.List does.
func (s *Service) Reminders(ctx context.Context, actor ids.Actor) ([]Reminder, error) {
	shelf, err := s.d.Licences.List(ctx, actor)
	if err != nil {
		return nil, fault.Wrap("space.Reminders", err)
	}
	return remind(shelf.Licences, s.d.Clock.Now()), nil
}

func remind(licences []licence.Licence, now time.Time) []Reminder {
	list := []Reminder{}
	for _, l := range licences {
		left, ends := l.DaysLeft(now)
		if !ends || left > ReminderDays || left < -ReminderDays || (l.Status != licence.Valid && l.Status != licence.Expired) {
			continue
		}
		kind := LicenceExpiring
		if l.Status == licence.Expired {
			kind = LicenceExpired
		}
		list = append(list, Reminder{ID: "rem_" + string(l.ID), Kind: kind, Licence: l.ID, Title: l.TypeName,
			Province: l.Province, App: l.App, Due: string(l.ExpiresOn), DaysLeft: left})
	}
	slices.SortStableFunc(list, func(a, b Reminder) int { return cmp.Compare(a.DaysLeft, b.DaysLeft) })
	return list
}

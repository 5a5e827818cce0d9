package elderly

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

// patience is how long home waits for a source. Our choice: an older person
// who sees nothing move within a second taps again.
const patience = 800 * time.Millisecond

// fresh is how long what home tells counts as fresh; as the tiles of the
// personal space.
const fresh = 5 * time.Minute

// place is one app that answers in one of the person's places.
type place struct {
	app  ids.AppID
	area ids.AreaCode
}

// answered is what one place said.
type answered struct {
	place
	province.Reading
}

// account gives who asks. It fails with Forbidden ACTING_NOT_ALLOWED for one
// who acts for another: no mandate is checked here.
func (s *Service) account(ctx context.Context, p Person) (identity.Account, error) {
	if p.Actor.By != "" {
		return identity.Account{}, fault.New("elderly.account", fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	return s.d.Accounts.Account(ctx, p.Actor.Subject)
}

// offering gives the places of the person whose app has the capability: in
// each the first that does, of those that may be asked about the person as in
// every part of their space. Where nobody can tell what the person uses, no
// system of the whole country is asked.
func (s *Service) offering(ctx context.Context, account identity.Account, capability string) []place {
	targets, err := province.Reach{Apps: s.d.Apps, Uses: s.d.Uses}.Targets(ctx, account, province.Offers(capability))
	if err != nil {
		targets, _ = province.Reach{Apps: s.d.Apps}.Targets(ctx, account, province.Offers(capability)) // fails as Uses does: never
	}
	var list []place
	for _, t := range targets {
		if !slices.ContainsFunc(list, func(p place) bool { return p.area == t.Place }) {
			list = append(list, place{t.App.ID, t.Place})
		}
	}
	return list
}

// ask asks all places for the capability at once; keep is how long an answer
// counts as fresh, 0 for none.
func (s *Service) ask(ctx context.Context, account identity.Account, capability string, keep time.Duration) []answered {
	places := s.offering(ctx, account, capability)
	asks := make([]province.Ask, len(places))
	for i, p := range places {
		asks[i] = province.Ask{Person: sharing.PersonOf(account), App: p.app, Capability: capability, Area: p.area, Deadline: patience, Fresh: keep}
		if item, ok := strings.CutPrefix(capability, miniapp.CapBillPrefix); ok { // asked as casework asks it
			asks[i].Input = map[string]any{"item": item, "region": string(p.area)}
		}
	}
	list := make([]answered, len(places))
	for i, r := range s.d.Provinces.ReadAll(ctx, asks) {
		list[i] = answered{places[i], r}
	}
	return list
}

// first gives the first place that keeps a record of the person. Without one,
// a place that did not answer leaves it open: its answer is given, and found
// is false. offered is false where no place could be asked.
func first(list []answered) (one answered, found, offered bool) {
	for _, a := range list {
		if a.Value != nil {
			return a, true, true
		}
	}
	for _, a := range list {
		if a.Freshness == province.Unavailable {
			return a, false, true
		}
	}
	return answered{}, false, len(list) > 0
}

// regionName is a province's name as people say it; "" for what is none.
func (s *Service) regionName(area ids.AreaCode) string {
	r, err := s.d.Catalogue.Region(area.Province())
	if err != nil {
		return ""
	}
	return r.Name
}

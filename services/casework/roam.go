package casework

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

const (
	// roamDeadline is how long one province's list may take. Our choice, as
	// for checks: a list on a screen.
	roamDeadline = 1500 * time.Millisecond
	// roamFresh is how long a province's list counts as fresh. Our choice: a
	// case moves in hours, and moves of ours are told by events.
	roamFresh = 60 * time.Second
)

// RoamCase is a case as a province's own list tells it: also one handed in at
// a counter or in the province's own app.
type RoamCase struct {
	// Number is the province's own.
	Number string
	Title  string
	// State is one of ours where the province speaks so, else its own word.
	State     string
	UpdatedAt time.Time // zero where the province does not say
	App       ids.AppID
	Province  ids.AreaCode
	AsOf      time.Time
	Freshness province.Freshness
}

// Roamed is every province's own list, and of each source how fresh it is.
type Roamed struct {
	Cases   []RoamCase // newest first
	Sources []licence.SourceState
}

// Roaming asks the provinces where the account has records for their own
// lists of the subject's cases, in parallel. One that fails leaves the others
// untouched. It fails only where the account can't be had, and with Forbidden
// ACTING_NOT_ALLOWED for one who acts for a person.
func (s *Service) Roaming(ctx context.Context, actor ids.Actor) (Roamed, error) {
	const op = "casework.Roaming"
	if err := may(op, actor, ids.ScopeSpace); err != nil {
		return Roamed{}, err
	}
	acc, err := s.d.Accounts.Account(ctx, actor.Subject)
	if err != nil {
		return Roamed{}, fault.Wrap(op, err)
	}
	changes.Rests(ctx, miniapp.RegistryKey)
	reach := province.Reach{Apps: s.d.Apps, Uses: s.d.Uses}
	sources, err := reach.Targets(ctx, acc, province.Offers(miniapp.CapCaseList))
	if err != nil {
		return Roamed{}, fault.Wrap(op, err)
	}
	found := make([]Roamed, len(sources))
	var wg sync.WaitGroup
	for i, src := range sources {
		wg.Go(func() { found[i] = s.roam(ctx, acc, src) })
	}
	wg.Wait()
	out := Roamed{Cases: []RoamCase{}, Sources: []licence.SourceState{}}
	for _, f := range found {
		out.Cases = append(out.Cases, f.Cases...)
		out.Sources = append(out.Sources, f.Sources...)
	}
	slices.SortStableFunc(out.Cases, func(a, b RoamCase) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.App, b.App), cmp.Compare(a.Number, b.Number))
	})
	return out, nil
}

func (s *Service) roam(ctx context.Context, acc identity.Account, src province.Target) Roamed {
	r := s.d.Provinces.Read(ctx, province.Ask{
		Person: sharing.PersonOf(acc), App: src.App.ID, Capability: src.Capability,
		Area: src.Place, Deadline: roamDeadline, Fresh: roamFresh,
	})
	state := licence.SourceState{
		App: src.App.ID, Province: src.Place.Province(), Name: src.Source(),
		Freshness: r.Freshness, AsOf: r.AsOf, Since: r.Since, Reason: r.Reason, Missing: r.Missing,
	}
	out := Roamed{}
	rows, readable := r.Value["cases"].([]any)
	if !readable && r.Value != nil {
		state.Freshness, state.Reason = province.Unavailable, province.ReasonInvalid
	}
	for _, row := range rows {
		c, ok := roamCase(row)
		if !ok { // the rest may be right; that one is not is said
			state.Reason = province.ReasonInvalid
			continue
		}
		c.App, c.Province, c.AsOf, c.Freshness = src.App.ID, state.Province, r.AsOf, r.Freshness
		out.Cases = append(out.Cases, c)
	}
	out.Sources = []licence.SourceState{state}
	return out
}

func roamCase(row any) (RoamCase, bool) {
	m, _ := row.(map[string]any)
	word := func(key string) string { v, _ := m[key].(string); return v }
	c := RoamCase{Number: word("number"), Title: word("title"), State: word("state")}
	if at := word("updated_at"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return RoamCase{}, false
		}
		c.UpdatedAt = t.UTC()
	}
	return c, c.Number != "" && c.Title != "" && c.State != ""
}

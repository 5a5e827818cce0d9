package onecard

import (
	"context"
	"slices"
	"sync"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

// asked is one submission being prepared.
type asked struct {
	actor   ids.Actor
	guide   catalogue.Guide
	app     miniapp.App
	account identity.Account
}

// Preflight looks for every material of the item in the region, all sources
// in parallel and each under its own deadline, and prefills the form. It
// fails with NotFound ITEM_UNKNOWN, REGION_UNKNOWN, GUIDE_UNKNOWN (also where
// only other regions' lists of materials are known) or ITEM_NOT_OFFERED,
// Forbidden ACTING_NOT_ALLOWED, and where the account can't be had. A source that fails makes its materials
// UNKNOWN, nothing else.
func (s *Service) Preflight(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (Preflight, error) {
	const op = "onecard.Preflight"
	a, err := s.ask(ctx, actor, item, region)
	if err != nil {
		return Preflight{}, fault.Wrap(op, err)
	}
	p, err := s.look(ctx, a)
	return p, fault.Wrap(op, err)
}

func (s *Service) ask(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (asked, error) {
	const op = "onecard.ask"
	if actor.By != "" { // no mandate is checked here
		return asked{}, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	guide, err := s.d.Catalogue.Guide(item, region)
	if err != nil {
		return asked{}, err
	}
	if guide.List == catalogue.UnknownList { // a guess would lead to a missing paper
		return asked{}, fault.New(op, fault.NotFound, "GUIDE_UNKNOWN")
	}
	app, err := s.d.Cases.Handler(ctx, item, region)
	if err != nil {
		return asked{}, err
	}
	acc, err := s.d.Accounts.Account(ctx, actor.Subject)
	return asked{actor: actor, guide: guide, app: app, account: acc}, err
}

func (s *Service) look(ctx context.Context, a asked) (Preflight, error) {
	shelf, checks, err := s.gather(ctx, a)
	if err != nil {
		return Preflight{}, err
	}
	p := Preflight{
		Item: a.guide.Item, Region: a.guide.Region, App: a.app.ID, AppName: a.app.Manifest.Name, Guide: a.guide,
		Materials: []FoundMaterial{}, Fields: fields(a.guide, a.account), Ready: true, CheckedAt: s.d.Clock.Now(),
	}
	for _, m := range a.guide.Materials {
		f := judge(m, a, shelf, checks[m.Name])
		p.Materials = append(p.Materials, f)
		p.Ready = p.Ready && !f.missing()
		if !f.Optional && f.Field == "" && (f.State == ToGive || f.State == NotFound) {
			p.Asked++
		}
	}
	for _, f := range p.Fields {
		if f.Required && !f.Prefilled {
			p.Typed++
		}
	}
	return p, nil
}

// gather asks everybody who could have something, at once.
func (s *Service) gather(ctx context.Context, a asked) (licence.Shelf, map[string][]sharing.Result, error) {
	var (
		wg       sync.WaitGroup
		shelf    licence.Shelf
		shelfErr error
		checks   = map[string][]sharing.Result{}
		person   = sharing.PersonOf(a.account)
		apps     = s.checkers(a)
	)
	if slices.ContainsFunc(a.guide.Materials, func(m catalogue.Material) bool { return m.How == catalogue.ByLicence }) {
		wg.Go(func() { shelf, shelfErr = s.d.Licences.List(ctx, a.actor) })
	}
	for _, m := range a.guide.Materials {
		if m.How != catalogue.ByCheck || m.Holder != catalogue.OfApplicant {
			continue
		}
		results := make([]sharing.Result, len(apps))
		checks[m.Name] = results
		for i, app := range apps {
			wg.Go(func() { results[i] = s.d.Checks.CheckPerson(ctx, person, app, m.Name) })
		}
	}
	wg.Wait()
	return shelf, checks, shelfErr
}

// checkers gives who is asked for checks: the handling app first, then the
// apps of the account's places that declare checks.
func (s *Service) checkers(a asked) []ids.AppID {
	out := []ids.AppID{a.app.ID}
	for _, place := range a.account.Places {
		for _, app := range s.d.Apps.ForRegion(place) {
			if !slices.Contains(out, app.ID) && len(app.Manifest.Checks(miniapp.CapCheckPrefix)) > 0 {
				out = append(out, app.ID)
			}
		}
	}
	return out
}

// judge says what came of looking for one material.
func judge(m catalogue.Material, a asked, shelf licence.Shelf, checks []sharing.Result) FoundMaterial {
	f := FoundMaterial{Name: m.Name, How: m.How, Optional: m.Optional, Basis: m.Basis}
	if m.Holder != catalogue.OfApplicant && (m.How == catalogue.ByLicence || m.How == catalogue.ByCheck) {
		f.State, f.Reason = NotFound, ReasonRelationUnknown
		return f
	}
	switch m.How {
	case catalogue.ByLicence:
		return f.onShelf(m.Kinds, shelf)
	case catalogue.ByCheck:
		return f.checked(checks)
	case catalogue.ByProfile:
		return f.inProfile(m.Profile, a)
	case catalogue.BySigning:
		f.State = ToSign
	case catalogue.AtCounter:
		f.State = AtCounter
	default:
		f.State = ToGive
	}
	return f
}

// onShelf looks for a licence of one of the kinds that is valid. Without one,
// a source that failed leaves it open whether there is one.
func (f FoundMaterial) onShelf(kinds []string, shelf licence.Shelf) FoundMaterial {
	f.State = NotFound
	for _, l := range shelf.Licences {
		if !slices.Contains(kinds, l.TypeName) {
			continue
		}
		if l.Status != licence.Valid {
			f.Reason = ReasonNotValid
			continue
		}
		f.State, f.Reason = Found, ""
		f.From, f.Region, f.Ref, f.AsOf, f.Freshness = l.App, l.Province, string(l.ID), l.AsOf, l.Freshness
		for _, src := range shelf.Sources {
			if src.App == l.App {
				f.FromName, f.Since = src.Name, src.Since
			}
		}
		return f
	}
	for _, src := range shelf.Sources {
		if src.Freshness == province.Unavailable {
			f.State, f.Reason = Unknown, src.Reason
			f.From, f.FromName, f.Region, f.Freshness, f.Since = src.App, src.Name, src.Province, src.Freshness, src.Since
			return f
		}
	}
	if f.Reason == "" {
		f.Reason = province.ReasonNotFound
	}
	return f
}

// checked takes the first source that says yes. Where none does, one that
// could not say leaves it open; an app without such a check has no say.
func (f FoundMaterial) checked(results []sharing.Result) FoundMaterial {
	f.State, f.Reason = NotFound, province.ReasonNotOffered // nobody supplies it
	for _, r := range results {
		if r.Known() && r.Holds {
			f.State, f.Reason, f.Statement = Found, "", r.Statement
			f.From, f.AsOf, f.Freshness, f.Since = r.App, r.AsOf, r.Freshness, r.Since
			return f
		}
	}
	for _, r := range results {
		switch {
		case r.Reason == province.ReasonNotOffered:
		case !r.Known():
			f.State, f.Reason = Unknown, r.Reason
			f.From, f.Statement, f.AsOf, f.Freshness, f.Since = r.App, "", r.AsOf, r.Freshness, r.Since
			return f
		case f.From == "":
			f.Reason, f.Statement = ReasonDoesNotHold, r.Statement
			f.From, f.AsOf, f.Freshness, f.Since = r.App, r.AsOf, r.Freshness, r.Since
		}
	}
	return f
}

// inProfile takes what the account knows; what it does not know a field of
// the form may give.
func (f FoundMaterial) inProfile(what catalogue.Prefill, a asked) FoundMaterial {
	if known(what, a.account.Profile) != "" {
		f.State = Found
		return f
	}
	for _, field := range a.guide.Fields {
		if field.Prefill == what && field.Required {
			f.State, f.Field, f.Reason = ToGive, field.Name, ReasonNotInProfile
			return f
		}
	}
	f.State, f.Reason = NotFound, ReasonNotInProfile
	return f
}

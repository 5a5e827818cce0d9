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
	"github.com/tongban/tongban/services/sharing"
)

// asked is one submission being prepared.
type asked struct {
	actor   ids.Actor
	guide   catalogue.Guide
	region  ids.AreaCode // as asked for: may be a city of the guide's
	app     miniapp.App
	account identity.Account
	agent   string // the name of who acts for the account; empty where it acts for itself
}

// Preflight looks for every material of the item in the region, all sources
// in parallel and each under its own deadline, and prefills the form. It
// fails with NotFound ITEM_UNKNOWN, REGION_UNKNOWN, GUIDE_UNKNOWN (also where
// only other regions' lists of materials are known) or ITEM_NOT_OFFERED,
// Forbidden ITEM_FOR_OTHERS for who may not hand it in, Forbidden
// ACTING_NOT_ALLOWED for one who acts for another without the scope of the item,
// and where the account can't be had. A source that fails makes its materials UNKNOWN, nothing else.
func (s *Service) Preflight(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (Preflight, error) {
	const op = "onecard.Preflight"
	a, err := s.ask(ctx, actor, item, region)
	if err != nil {
		return Preflight{}, fault.Wrap(op, err)
	}
	var wg sync.WaitGroup
	var bill *Bill
	wg.Go(func() { bill = s.bill(ctx, a) })
	p, err := s.look(ctx, a)
	wg.Wait()
	if p.Bill = bill; bill != nil && bill.Reason != "" {
		p.Ready, p.Answerable = false, false
	}
	return p, fault.Wrap(op, err)
}

func (s *Service) ask(ctx context.Context, actor ids.Actor, item ids.ItemID, region ids.AreaCode) (asked, error) {
	const op = "onecard.ask"
	if !actor.May(ids.ScopeMatter(item)) {
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
	if err != nil {
		return asked{}, err
	}
	if err := open(guide.Item, app, acc); err != nil {
		return asked{}, err
	}
	a := asked{actor: actor, guide: guide, region: region, app: app, account: acc}
	if actor.By != "" {
		who, err := s.d.Accounts.Account(ctx, actor.By)
		if err != nil {
			return asked{}, err
		}
		a.agent = who.Profile.Name
	}
	return a, nil
}

// open fails where the account may not hand the item in there: with Forbidden
// ITEM_FOR_OTHERS where it is not for such an applicant, and with NotFound
// ITEM_NOT_OFFERED where the place's own system takes none of them.
func open(item catalogue.Item, app miniapp.App, acc identity.Account) error {
	const op = "onecard.open"
	subject, holder := catalogue.Person, miniapp.Citizen
	if acc.Kind == identity.Enterprise {
		subject, holder = catalogue.Enterprise, miniapp.Enterprise
	}
	if !slices.Contains(item.Applicants, subject) {
		return fault.New(op, fault.Forbidden, "ITEM_FOR_OTHERS")
	}
	if !app.Manifest.About(miniapp.CapCaseSubmit, holder) {
		return fault.New(op, fault.NotFound, "ITEM_NOT_OFFERED")
	}
	return nil
}

func (s *Service) look(ctx context.Context, a asked) (Preflight, error) {
	shelf, checks, err := s.gather(ctx, a)
	if err != nil {
		return Preflight{}, err
	}
	p := Preflight{
		Item: a.guide.Item, Region: a.guide.Region, App: a.app.ID, AppName: a.app.Manifest.Name, Guide: a.guide,
		Materials: []FoundMaterial{}, Fields: fields(a.guide, a.facts()), Ready: true, Answerable: true, CheckedAt: s.d.Clock.Now(),
	}
	for _, m := range a.guide.Materials {
		f := judge(m, a, shelf, checks[m.Name])
		p.Materials = append(p.Materials, f)
		p.Ready = p.Ready && !f.missing()
		p.Answerable = p.Answerable && (!f.missing() || f.byHand())
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
		wg.Go(func() { shelf, shelfErr = s.d.Licences.ListFor(ctx, a.actor, a.guide.Item.ID) })
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
	for _, place := range a.account.Records() {
		for _, app := range s.d.Apps.ForRegion(place) {
			if !slices.Contains(out, app.ID) && len(app.Manifest.Checks(miniapp.CapCheckPrefix)) > 0 {
				out = append(out, app.ID)
			}
		}
	}
	return out
}

package visit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/visit"
)

const app, item = "cn.gov.demo.p41", "medical-filing-elsewhere"

var noon = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)

// world is everything a visit asks, with what a test says of it.
type world struct {
	claims  []string
	ledger  []ledger.Entry
	full    error // what the ledger fails with
	cases   []casework.Case
	sources []province.Freshness
	asked   func() // runs while sources are asked; nil for nothing
}

// Do keeps nothing that a unit could undo: what a failed one leaves is looked at.
func (w *world) Do(ctx context.Context, f func(context.Context, unit.Unit) error) error {
	return f(unit.Mark(ctx), nil)
}

func (w *world) Permit(context.Context, ids.Visit) (access.Permit, error) {
	return access.Permit{Claims: w.claims, App: miniapp.App{ID: app, Manifest: &miniapp.Manifest{
		AppID: app, Name: "豫事办", Regions: []ids.AreaCode{"410000"}, Services: []miniapp.Offer{{Item: item}},
		Token:    miniapp.Token{Scopes: []string{"openid", "profile", "id_number"}},
		DataUse:  []miniapp.DataUse{{Claims: []string{"name"}}, {Claims: []string{"phone_number"}}, {Claims: []string{"id_number"}}},
		Messages: []miniapp.Message{{Kind: "window.booked", Title: "预约成功"}},
	}}}, nil
}

func (w *world) Account(context.Context, ids.SubjectID) (identity.Account, error) {
	return identity.Account{Subject: "sub_1", Places: []ids.AreaCode{"410100", "310000"}, Level: 4,
		Profile: identity.Profile{Name: "张示例", Phone: "19900000001", IDNumber: "410000199001010014"}}, nil
}

func (w *world) Mine(_ context.Context, _ ids.Actor, p casework.Page) (casework.Cases, error) {
	from := 0
	if p.After != "" {
		from = 1 + slices.IndexFunc(w.cases, func(c casework.Case) bool { return c.Cursor() == p.After })
	}
	to := min(from+p.First, len(w.cases))
	out := casework.Cases{Cases: w.cases[from:to]}
	if to < len(w.cases) {
		out.Next = w.cases[to-1].Cursor()
	}
	return out, nil
}

func (w *world) Case(_ context.Context, _ ids.Actor, id ids.CaseID) (casework.Case, error) {
	for _, c := range w.cases {
		if c.ID == id {
			return c, nil
		}
	}
	return casework.Case{}, fault.New("test", fault.Private, "CASE_UNKNOWN")
}

func (w *world) List(context.Context, ids.Actor) (licence.Shelf, error) {
	if w.asked != nil {
		w.asked()
	}
	s := licence.Shelf{Licences: []licence.Licence{{TypeName: "居住证", Number: "4***1", Status: licence.Valid}, {TypeName: "结婚证", Status: licence.Valid}}}
	for _, f := range w.sources {
		s.Sources = append(s.Sources, licence.SourceState{Freshness: f})
	}
	return s, nil
}

func (w *world) Item(id ids.ItemID) (catalogue.Item, error) { return catalogue.Item{ID: id}, nil }

func (w *world) Guide(ids.ItemID, ids.AreaCode) (catalogue.Guide, error) {
	return catalogue.Guide{Fields: []catalogue.Field{{Name: "n", Prefill: catalogue.PrefillName}, {Name: "b", Prefill: catalogue.PrefillBankAccount}, {Name: "x"}}}, nil
}

func (w *world) Record(_ context.Context, _ unit.Unit, e ledger.Entry) error {
	if w.full != nil {
		return w.full
	}
	w.ledger = append(w.ledger, e)
	return nil
}

func (w *world) service(t *testing.T) *visit.Service {
	t.Helper()
	return visit.New(visit.Deps{Units: w, Permits: w, Accounts: w, Cases: w, Licences: w, Guides: w, Ledger: w})
}

var someone = ids.Visit{ID: "grant_1", App: app, Actor: ids.Actor{Subject: "sub_1"}, Name: "pairwise", Level: 4}

func TestOfAPersonOnlyWhatIsAskedForAndAllowedIsTold(t *testing.T) {
	w := &world{claims: []string{"name", "phone_number"}}
	p, err := w.service(t).Person(t.Context(), someone, []string{visit.AskName, visit.AskIDNumber, visit.AskRegions})
	if err != nil || p.Name != "张示例" || p.Phone != "" || p.IDNumber != "" || !slices.Equal(p.Regions, []ids.AreaCode{"410100"}) || !slices.Equal(p.Withheld, []string{"id_number"}) {
		t.Errorf("%+v %v", p, err)
	}
	if len(w.ledger) != 1 || !slices.Equal(w.ledger[0].Fields, []string{"gov_level", "record_places", "name"}) {
		t.Errorf("%+v", w.ledger)
	}
}

func TestPagesPassOverTheCasesOfOthers(t *testing.T) {
	w := &world{}
	for i := range 250 { // every fifth is the app's own, and of those every second was never sent
		c := casework.Case{ID: ids.CaseID(fmt.Sprintf("TB%03d", i)), App: "cn.gov.demo.p31", CreatedAt: noon.Add(-time.Duration(i) * time.Minute)}
		if i%5 == 0 {
			c.App = app
			if i%10 == 0 {
				c.State = casework.PaymentDue
			}
		}
		w.cases = append(w.cases, c)
	}
	s, got, after := w.service(t), 0, ""
	for range 10 {
		page, err := s.Cases(t.Context(), someone, casework.Page{First: 7, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Cases {
			if c.App != app || c.State == casework.PaymentDue {
				t.Errorf("%+v", c)
			}
		}
		if got += len(page.Cases); page.Next == "" {
			break
		}
		after = page.Next
	}
	if got != 25 {
		t.Errorf("%d cases", got)
	}
	if _, err := s.Cases(t.Context(), someone, casework.Page{First: 101}); fault.CodeOf(err) != "PAGE_MALFORMED" {
		t.Error(err)
	}
	for _, id := range []ids.CaseID{"TB001", "TB010", "TB-none"} {
		if _, err := s.Case(t.Context(), someone, id); fault.CodeOf(err) != "CASE_UNKNOWN" {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestFactsSayWhetherEverybodyAnswered(t *testing.T) {
	w := &world{claims: []string{"licence_residence"}, sources: []province.Freshness{province.Live, province.Cached}}
	s := w.service(t)
	f, err := s.Facts(t.Context(), someone, "licence_residence")
	if err != nil || len(f.Facts) != 1 || !f.Complete || strings.Contains(fmt.Sprint(f), "4***1") {
		t.Errorf("%+v %v", f, err)
	}
	w.sources = append(w.sources, province.Stale)
	if f, err := s.Facts(t.Context(), someone, "licence_residence"); err != nil || f.Complete {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := s.Facts(t.Context(), someone, "licence_marriage"); fault.CodeOf(err) != "CLAIM_NOT_GRANTED" {
		t.Error(err)
	}
	if _, err := s.Facts(t.Context(), someone, "licence_of_nothing"); fault.CodeOf(err) != "LICENCE_CLAIM_UNKNOWN" {
		t.Error(err)
	}
}

func TestWhatIsWithdrawnWhileAuthoritiesAnswerIsNotTold(t *testing.T) {
	w := &world{claims: []string{"licence_residence"}}
	w.asked = func() { w.claims = nil }
	f, err := w.service(t).Facts(t.Context(), someone, "licence_residence")
	if fault.CodeOf(err) != "CLAIM_NOT_GRANTED" || len(f.Facts) != 0 || len(w.ledger) != 0 {
		t.Errorf("%+v %v %+v", f, err, w.ledger)
	}
}

func TestAFormWithoutValuesIsNoUseOfData(t *testing.T) {
	w := &world{}
	s := w.service(t)
	if f, err := s.Prefill(t.Context(), someone, item, "410100"); err != nil || len(f.Fields) != 3 || f.Fields[0].Value != nil || len(w.ledger) != 0 {
		t.Errorf("%+v %v %+v", f, err, w.ledger)
	}
	w.claims = []string{"name", "bank_account"} // of which the account knows one
	if f, err := s.Prefill(t.Context(), someone, item, "410100"); err != nil || f.Fields[0].Value == nil || f.Fields[1].Value != nil || len(w.ledger) != 1 || w.ledger[0].Item != item {
		t.Errorf("%+v %v %+v", f, err, w.ledger)
	}
	for region, other := range map[ids.AreaCode]ids.ItemID{"310000": item, "410000": "another-item"} {
		if _, err := s.Prefill(t.Context(), someone, other, region); fault.CodeOf(err) != "ITEM_NOT_OFFERED" {
			t.Errorf("%s in %s: %v", other, region, err)
		}
	}
}

func TestWhatTheLedgerRefusesIsNotTold(t *testing.T) {
	w := &world{claims: []string{"name", "licence_residence"}, full: errors.New("full"), cases: []casework.Case{{ID: "TB1", App: app}}}
	s, ctx := w.service(t), t.Context()
	if _, err := s.Person(ctx, someone, []string{visit.AskName}); err == nil {
		t.Error("a person")
	}
	if _, err := s.Cases(ctx, someone, casework.Page{}); err == nil {
		t.Error("cases")
	}
	if _, err := s.Case(ctx, someone, "TB1"); err == nil {
		t.Error("a case")
	}
	if _, err := s.Facts(ctx, someone, "licence_residence"); err == nil {
		t.Error("facts")
	}
	if _, err := s.Prefill(ctx, someone, item, "410000"); err == nil {
		t.Error("a form")
	}
}

func TestAMessageIsTheManifestsWords(t *testing.T) {
	w := &world{cases: []casework.Case{{ID: "TB1", App: app, Item: item}, {ID: "TB2", App: "cn.gov.demo.p31"}}}
	s := w.service(t)
	m, err := s.Message(t.Context(), someone, visit.About{Kind: "window.booked", Case: "TB1"})
	if err != nil || m.Title != "预约成功" || m.Item != item || m.Subject != "sub_1" {
		t.Errorf("%+v %v", m, err)
	}
	for _, c := range []struct {
		about visit.About
		code  string
	}{
		{visit.About{Kind: "shout"}, "MESSAGE_KIND_UNKNOWN"}, {visit.About{Kind: "window.booked", Case: "TB2"}, "CASE_UNKNOWN"},
		{visit.About{Kind: "window.booked", Item: "another-item"}, "ITEM_NOT_OFFERED"},
	} {
		if _, err := s.Message(t.Context(), someone, c.about); fault.CodeOf(err) != c.code {
			t.Errorf("%+v: %v", c.about, err)
		}
	}
}

package elderly_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/province"
)

// now is a Monday, 9:00 in China.
var now = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

const (
	henan   ids.AreaCode = "410000"
	jiangsu ids.AreaCode = "320000"
)

// world is an older person's: insured in Henan, living in Jiangsu.
type world struct {
	t         *testing.T
	catalogue *catalogue.Catalogue
	level     int // of the account
	down      map[ids.AppID]bool
	lacks     map[ids.AppID]bool // offers nothing
	answers   map[string]map[string]any
	shelf     licence.Shelf
	cases     []casework.Case
	stored    []casework.Case // those beside cases that keys find
	preflight onecard.Preflight
	handed    []onecard.Input
	cashier   string
	national  bool // a department of the country offers all that Henan does
	uses      map[ids.AppID]bool
	mu        sync.Mutex
	asked     []ids.AppID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	slots := []any{}
	for _, at := range []string{"2026-11-24T08:30:00+08:00", "2026-11-24T14:00:00+08:00", "2026-11-25T08:30:00+08:00"} {
		for _, department := range []string{"内科", "眼科"} {
			slots = append(slots, map[string]any{"hospital": "示例医院", "department": department, "starts_at": at})
		}
	}
	card := licence.Licence{ID: "lic_card", TypeName: "社会保障卡", Status: licence.Valid, ExpiresOn: "2029-09-04", Province: henan}
	residence := licence.Licence{ID: "lic_home", TypeName: "居住证", Status: licence.Valid, ExpiresOn: "2026-12-05", Province: jiangsu}
	return &world{
		t: t, catalogue: c, level: 4, down: map[ids.AppID]bool{}, lacks: map[ids.AppID]bool{},
		answers: map[string]map[string]any{
			"bill.social-security-payment": {"amount": "400.00", "title": "城乡居民医保费"},
			miniapp.CapQualification:       {"state": "DUE", "until": "2026-12-05"},
			miniapp.CapMedicalInsurance:    {"headline": "医保账户还有 1234.50 元", "lines": []any{map[string]any{"label": "2026-11-20 示例医院", "value": "36.50 元"}}},
			miniapp.CapSlots:               {"slots": slots},
		},
		shelf: licence.Shelf{Licences: []licence.Licence{card, residence}, Sources: []licence.SourceState{
			{App: "p41", Province: henan, Freshness: province.Live, AsOf: now}, {App: "p32", Province: jiangsu, Freshness: province.Cached, AsOf: now.Add(-3 * time.Minute)}}},
		preflight: onecard.Preflight{Ready: true, Materials: []onecard.FoundMaterial{{Name: "社会保障卡", How: catalogue.ByLicence, State: onecard.Found}},
			Fields: []onecard.Field{{Name: "phone", Kind: catalogue.PhoneField, Prefilled: true}}},
		cashier: "https://pay.example/1",
	}
}

func (w *world) service() *elderly.Service {
	return elderly.New(elderly.Deps{Accounts: w, Apps: w, Provinces: w, Catalogue: w.catalogue, Matters: w, Cases: w, Licences: w, Uses: w, Clock: clock.At(now)})
}

func (w *world) note(app ids.AppID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, app)
}

var person = elderly.Person{Actor: ids.Actor{Subject: "sub_zhao"}, Level: 4}

func (w *world) Account(context.Context, ids.SubjectID) (identity.Account, error) {
	return identity.Account{Subject: "sub_zhao", Level: w.level, Places: []ids.AreaCode{henan, jiangsu}, Profile: identity.Profile{Name: "n", IDNumber: "i"}}, nil
}

// ForRegion: Henan's app has everything, Jiangsu's has hospital hours.
func (w *world) ForRegion(area ids.AreaCode) []miniapp.App {
	app := miniapp.App{ID: ids.AppID("p" + area[:2]), Manifest: &miniapp.Manifest{}}
	app.Manifest.Connector.Capabilities = map[string]miniapp.Capability{}
	for capability := range w.answers {
		if !w.lacks[app.ID] && (area == henan || capability == miniapp.CapSlots) {
			app.Manifest.Connector.Capabilities[capability] = miniapp.Capability{}
		}
	}
	if !w.national {
		return []miniapp.App{app}
	}
	country := miniapp.App{ID: "country", Manifest: &miniapp.Manifest{Operator: miniapp.Operator{Kind: miniapp.KindDepartment}}}
	country.Manifest.Connector.Capabilities = app.Manifest.Connector.Capabilities
	return []miniapp.App{country, app}
}

func (w *world) Uses(context.Context, ids.SubjectID) (map[ids.AppID]bool, error) {
	if w.uses == nil {
		return nil, fault.New("test", fault.Unavailable, "UNAVAILABLE")
	}
	return w.uses, nil
}

func (w *world) ReadAll(_ context.Context, asks []province.Ask) []province.Reading {
	list := make([]province.Reading, len(asks))
	for i, a := range asks {
		w.note(a.App)
		list[i] = province.Reading{App: a.App, Value: w.answers[a.Capability], AsOf: now, Freshness: province.Live}
		if w.down[a.App] {
			list[i] = province.Reading{App: a.App, Freshness: province.Unavailable, Since: now, Reason: province.ReasonDown}
		}
	}
	return list
}

func (w *world) Preflight(context.Context, ids.Actor, ids.ItemID, ids.AreaCode) (onecard.Preflight, error) {
	return w.preflight, nil
}

// Submit keeps the case under its key, as casework does.
func (w *world) Submit(_ context.Context, _ ids.Actor, in onecard.Input) (casework.Case, error) {
	w.handed = append(w.handed, in)
	c := casework.Case{ID: ids.CaseID("TB" + in.IdempotencyKey), Item: in.Item, Region: in.Region, Fields: in.Fields, State: casework.Submitted, CreatedAt: now}
	if in.Item == "social-security-payment" {
		c.State, c.Payment = casework.PaymentDue, &casework.Payment{Amount: 40000, State: casework.Due}
	}
	w.cases = append([]casework.Case{c}, w.cases...)
	return c, nil
}

func (w *world) Repeated(_ context.Context, _ ids.Actor, sub casework.Submission) (casework.Case, error) {
	for _, c := range slices.Concat(w.cases, w.stored) {
		if c.ID == ids.CaseID("TB"+sub.IdempotencyKey) {
			return c, nil
		}
	}
	return casework.Case{}, fault.New("fake", fault.NotFound, "IDEMPOTENCY_KEY_NEW")
}

func (w *world) Mine(context.Context, ids.Actor, casework.Page) (casework.Cases, error) {
	return casework.Cases{Cases: w.cases}, nil
}

func (w *world) Case(_ context.Context, _ ids.Actor, id ids.CaseID) (casework.Case, error) {
	for _, c := range slices.Concat(w.cases, w.stored) {
		if c.ID == id {
			return c, nil
		}
	}
	return casework.Case{}, fault.New("fake", fault.Private, "CASE_UNKNOWN")
}

func (w *world) Pay(ctx context.Context, a ids.Actor, id ids.CaseID) (casework.Paying, error) {
	c, err := w.Case(ctx, a, id)
	if err != nil {
		return casework.Paying{}, err
	}
	return casework.Paying{Case: c, Payment: *c.Payment, Cashier: w.cashier}, nil
}

func (w *world) List(context.Context, ids.Actor) (licence.Shelf, error) { return w.shelf, nil }

func (w *world) Detail(_ context.Context, _ ids.Actor, id ids.LicenceID) (licence.Detail, error) {
	return licence.Detail{Licence: licence.Licence{ID: id, TypeName: "社会保障卡"}, Choices: []licence.Choice{
		{Field: licence.FieldType}, {Field: licence.FieldHolder}, {Field: licence.FieldNumber, Sensitive: true}, {Field: licence.FieldIDNumber, Sensitive: true}}}, nil
}

func (w *world) ShowCode(_ context.Context, _ ids.Actor, _ ids.LicenceID, fields []licence.Field) (licence.ShowCode, error) {
	for _, f := range fields {
		if f == licence.FieldIDNumber || f == licence.FieldNumber {
			w.t.Errorf("%s is shown without being asked", f)
		}
	}
	return licence.ShowCode{URL: "https://example/scan#c", ExpiresAt: now.Add(time.Minute), RefreshAfter: 30 * time.Second}, nil
}

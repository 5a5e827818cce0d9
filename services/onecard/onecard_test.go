package onecard_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/sharing"
)

const (
	henan   ids.AppID  = "cn.gov.demo.p41"
	jiangsu ids.AppID  = "cn.gov.demo.p32"
	filing  ids.ItemID = "medical-filing-elsewhere"
	payment ids.ItemID = "social-security-payment"
)

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	zhang = ids.Actor{Subject: "sub_zhang"}
)

// world is onecard between fakes that keep state.
type world struct {
	*onecard.Service
	account identity.Account
	shelf   licence.Shelf
	checks  map[string]sharing.Result // by app and resource
	stored  map[string]casework.Case  // by key
	handed  []casework.Submission
	bill    casework.Bill
	billErr error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		account: identity.Account{Subject: zhang.Subject, Level: identity.LevelChecked, Places: []ids.AreaCode{"410000", "320000"},
			Profile: identity.Profile{Name: "示例甲", IDNumber: "11010519491231002X", Phone: "13800005678"}},
		checks: map[string]sharing.Result{}, stored: map[string]casework.Case{},
		shelf: licence.Shelf{Sources: []licence.SourceState{{App: henan, Province: "410000", Name: "豫事办(示例)", Freshness: province.Live, AsOf: noon}}},
	}
	w.Service = onecard.New(onecard.Deps{Catalogue: c, Cases: w, Licences: w, Checks: w, Accounts: w, Apps: w, Clock: clock.At(noon)})
	return w
}

func (w *world) holds(kind string, status licence.Status) {
	w.shelf.Licences = append(w.shelf.Licences, licence.Licence{ID: ids.LicenceID("lic_" + kind), TypeName: kind, Status: status, App: henan, Province: "410000", AsOf: noon, Freshness: province.Live})
}

func (w *world) answers(app ids.AppID, r sharing.Result) {
	r.App = app
	w.checks[string(app)+" "+r.Resource] = r
}

func (w *world) Account(context.Context, ids.SubjectID) (identity.Account, error) {
	return w.account, nil
}
func (w *world) ListFor(context.Context, ids.Actor, ids.ItemID) (licence.Shelf, error) {
	return w.shelf, nil
}

func (w *world) CheckPerson(_ context.Context, _ province.Person, app ids.AppID, resource string) sharing.Result {
	if r, ok := w.checks[string(app)+" "+resource]; ok {
		return r
	}
	return sharing.Result{Resource: resource, App: app, Freshness: province.Unavailable, Reason: province.ReasonNotOffered}
}

func (w *world) ForRegion(area ids.AreaCode) []miniapp.App {
	id := map[ids.AreaCode]ids.AppID{"410000": henan, "320000": jiangsu}[area.Province()]
	if id == "" {
		return nil
	}
	return []miniapp.App{{ID: id, State: miniapp.Published, Manifest: &miniapp.Manifest{AppID: id, Name: "示例", Connector: miniapp.Connector{
		Capabilities: map[string]miniapp.Capability{"check.参保状态": {}}}}}}
}

func (w *world) Handler(_ context.Context, _ ids.ItemID, region ids.AreaCode) (miniapp.App, error) {
	for _, app := range w.ForRegion(region) {
		return app, nil
	}
	return miniapp.App{}, fault.New("fake", fault.NotFound, "ITEM_NOT_OFFERED")
}

func (w *world) Repeated(_ context.Context, _ ids.Actor, sub casework.Submission) (casework.Case, error) {
	if c, ok := w.stored[sub.IdempotencyKey]; ok {
		return c, nil
	}
	return casework.Case{}, fault.New("fake", fault.NotFound, "IDEMPOTENCY_KEY_NEW")
}

func (w *world) Bill(_ context.Context, _ province.Person, _ miniapp.App, item ids.ItemID, _ ids.AreaCode) (casework.Bill, error) {
	if item != payment {
		return casework.Bill{}, nil
	}
	return w.bill, w.billErr
}

func (w *world) Submit(_ context.Context, _ ids.Actor, sub casework.Submission) (casework.Case, error) {
	c := casework.Case{ID: ids.CaseID("TB-" + sub.IdempotencyKey), Fields: sub.Fields, Materials: sub.Materials}
	w.stored[sub.IdempotencyKey] = c
	w.handed = append(w.handed, sub)
	return c, nil
}

func (w *world) hand(in onecard.Input) (casework.Case, error) {
	return w.Service.Submit(context.Background(), zhang, in)
}

func (w *world) states(t *testing.T, item ids.ItemID, region ids.AreaCode) (onecard.Preflight, map[string]string) {
	t.Helper()
	p, err := w.Preflight(t.Context(), zhang, item, region)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range p.Materials {
		out[m.Name] = string(m.State) + " " + m.Reason
	}
	return p, out
}

// demand: D27
// demand: D41
func TestWhatAnAuthorityHasIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	w.holds("社会保障卡", licence.Valid)
	w.answers(henan, sharing.Result{Resource: "参保状态", Holds: true, Freshness: province.Live, AsOf: noon})
	p, got := w.states(t, filing, "410000")
	want := map[string]string{"社会保障卡": "FOUND ", "参保状态": "FOUND ", "居住证": "NOT_FOUND RECORD_NOT_FOUND"}
	if !maps.Equal(got, want) {
		t.Errorf("materials %v, want %v", got, want)
	}
	if !p.Ready || p.Asked != 0 || p.Typed != 2 {
		t.Errorf("ready %v, asked %d, typed %d", p.Ready, p.Asked, p.Typed)
	}
	if m := p.Materials[0]; m.FromName != "豫事办(示例)" || m.AsOf != noon || m.Freshness != province.Live || m.Ref == "" {
		t.Errorf("provenance %+v", m)
	}
}

func TestWhatCouldNotBeLookedUpIsUnknownAndNotMissing(t *testing.T) {
	w := newWorld(t)
	w.shelf.Sources[0] = licence.SourceState{App: henan, Name: "豫事办(示例)", Freshness: province.Unavailable, Reason: province.ReasonTimeout, Since: noon}
	w.answers(henan, sharing.Result{Resource: "参保状态", Freshness: province.Unavailable, Reason: province.ReasonDown})
	p, got := w.states(t, filing, "410000")
	if got["社会保障卡"] != "UNKNOWN SOURCE_TIMEOUT" || got["参保状态"] != "UNKNOWN SOURCE_DOWN" || p.Ready || p.Asked != 0 {
		t.Errorf("materials %v, ready %v, asked %d", got, p.Ready, p.Asked)
	}
}

func TestALicenceThatIsNotValidIsNotFound(t *testing.T) {
	w := newWorld(t)
	w.holds("社会保障卡", licence.Revoked)
	if _, got := w.states(t, filing, "410000"); got["社会保障卡"] != "NOT_FOUND LICENCE_NOT_VALID" {
		t.Errorf("materials %v", got)
	}
}

func TestACheckIsAskedWhereThePersonHasRecords(t *testing.T) {
	w := newWorld(t)
	w.answers(henan, sharing.Result{Resource: "参保状态", Freshness: province.Live, AsOf: noon, Statement: "无参保"})
	if _, got := w.states(t, filing, "410000"); got["参保状态"] != "NOT_FOUND CHECK_NEGATIVE" {
		t.Errorf("at the handling place alone: %v", got)
	}
	w.answers(jiangsu, sharing.Result{Resource: "参保状态", Holds: true, Freshness: province.Cached, AsOf: noon})
	if p, got := w.states(t, filing, "410000"); got["参保状态"] != "FOUND " || p.Materials[1].From != jiangsu {
		t.Errorf("elsewhere: %v", got)
	}
}

func TestWhatIsAnothersIsNotTakenForMine(t *testing.T) {
	w := newWorld(t)
	w.holds("居民身份证", licence.Valid)
	w.holds("结婚证", licence.Valid)
	p, got := w.states(t, "birth-registration-elsewhere", "410000")
	if got["居民身份证"] != "FOUND " || got["配偶居民身份证"] != "NOT_FOUND RELATION_UNKNOWN" || p.Ready || p.Asked != 1 {
		t.Errorf("materials %v, asked %d", got, p.Asked)
	}
}

func TestAFormGivesWhatTheProfileLacks(t *testing.T) {
	w := newWorld(t)
	w.holds("居民身份证", licence.Valid)
	w.answers(henan, sharing.Result{Resource: "退休状态", Holds: true, Freshness: province.Live, AsOf: noon})
	p, got := w.states(t, "housing-fund-on-retirement", "410000")
	if got["银行账户"] != "TO_GIVE PROFILE_EMPTY" || !p.Ready || p.Asked != 0 || p.Typed != 2 {
		t.Errorf("materials %v, ready %v, asked %d, typed %d", got, p.Ready, p.Asked, p.Typed)
	}
	w.account.Profile.BankAccount = "6222000012345678"
	if p, got := w.states(t, "housing-fund-on-retirement", "410000"); got["银行账户"] != "FOUND " || p.Typed != 1 {
		t.Errorf("materials %v, typed %d", got, p.Typed)
	}
}

func TestPrefilledValuesAreShownMasked(t *testing.T) {
	w := newWorld(t)
	p, _ := w.states(t, filing, "410000")
	i := slices.IndexFunc(p.Fields, func(f onecard.Field) bool { return f.Name == "phone" })
	if f := p.Fields[i]; !f.Prefilled || f.DisplayValue != "138****5678" || !f.Editable {
		t.Errorf("phone %+v", f)
	}
}

// demand: D19
func TestWithoutAKnownListNothingIsGuessed(t *testing.T) {
	w := newWorld(t)
	_, err := w.Preflight(t.Context(), zhang, "housing-fund-on-purchase", "410000")
	if !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "GUIDE_UNKNOWN" {
		t.Errorf("got %v", err)
	}
}

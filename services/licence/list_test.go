package licence_test

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// world knows one person with records in three places.
type world struct {
	now      time.Time
	level    int
	readings map[ids.AppID]province.Reading
	asked    []province.Ask
}

func (w *world) Account(_ context.Context, s ids.SubjectID) (identity.Account, error) {
	if s != "sub_zhang" {
		return identity.Account{}, fault.New("test", fault.NotFound, "ACCOUNT_UNKNOWN")
	}
	return identity.Account{Subject: s, Level: w.level, Places: []ids.AreaCode{"410000", "310000", "320000"}, CertKey: "c", Profile: identity.Profile{Name: "张三", IDNumber: "11010519491231002X"}}, nil
}

func (w *world) ForRegion(area ids.AreaCode) []miniapp.App {
	app := func(id ids.AppID, capability string) miniapp.App {
		return miniapp.App{ID: id, Manifest: &miniapp.Manifest{Name: "app of " + string(area), Connector: miniapp.Connector{Capabilities: map[string]miniapp.Capability{capability: {}}}}}
	}
	if area == "320000" {
		return []miniapp.App{app("tiles.only", "social_security"), app("p31", miniapp.CapLicenceList)} // p31 serves here too
	}
	return []miniapp.App{app(ids.AppID("p"+area[:2]), miniapp.CapLicenceList)}
}

func (w *world) Read(_ context.Context, a province.Ask) province.Reading { return w.readings[a.App] }

func (w *world) ReadAll(_ context.Context, asks []province.Ask) []province.Reading {
	w.asked = asks
	list := make([]province.Reading, len(asks))
	for i, a := range asks {
		list[i] = w.readings[a.App]
	}
	return list
}

func (w *world) list(t *testing.T) licence.Shelf {
	t.Helper()
	shelf, err := w.service().List(t.Context(), ids.Actor{Subject: "sub_zhang"})
	if err != nil {
		t.Fatal(err)
	}
	return shelf
}

func (w *world) service() *licence.Service {
	return licence.New(licence.Deps{Accounts: w, Apps: w, Provinces: w, Clock: clock.At(w.now), Index: func(place, value string) string { return place + "#" + value }})
}

func live(asOf time.Time, licences ...any) province.Reading {
	return province.Reading{Value: map[string]any{"licences": licences}, AsOf: asOf, Freshness: province.Live}
}

func one(change map[string]any) map[string]any {
	m := map[string]any{"number": "41234567890", "type_name": "居民身份证", "issuer": "公安局", "status": "VALID"}
	for k, v := range change {
		m[k] = v
	}
	return m
}

func newWorld() *world {
	return &world{now: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC), level: identity.LevelChecked, readings: map[ids.AppID]province.Reading{}}
}

// demand: D07
func TestAShelfHoldsEveryPlacesLicencesAndSaysOfEachSourceHowItCame(t *testing.T) {
	w := newWorld()
	w.readings["p41"] = live(w.now, one(nil))
	w.readings["p31"] = province.Reading{Freshness: province.Unavailable, Since: w.now.Add(-time.Hour), Reason: province.ReasonDown}
	shelf := w.list(t)
	if len(shelf.Licences) != 1 || len(shelf.Sources) != 2 || len(w.asked) != 2 {
		t.Fatalf("%+v", shelf)
	}
	l := shelf.Licences[0]
	if l.Province != "410000" || l.App != "p41" || l.Freshness != province.Live || l.Number != "4*********0" || l.Status != licence.Valid {
		t.Errorf("%+v", l)
	}
	if s := shelf.Sources[1]; s.App != "p31" || s.Freshness != province.Unavailable || !s.Since.Equal(w.now.Add(-time.Hour)) || s.Reason != province.ReasonDown || s.Name == "" {
		t.Errorf("%+v", s)
	}
}

func TestALicencePastItsDayIsExpiredByOurClock(t *testing.T) {
	for name, c := range map[string]struct {
		now    time.Time
		expiry any
		status string
		want   licence.Status
	}{
		"its last hour in China":  {time.Date(2026, 5, 1, 15, 59, 59, 0, time.UTC), "2026-05-01", "VALID", licence.Valid},
		"the next day in China":   {time.Date(2026, 5, 1, 16, 0, 0, 0, time.UTC), "2026-05-01", "VALID", licence.Expired},
		"without end":             {time.Date(2126, 5, 1, 0, 0, 0, 0, time.UTC), "", "VALID", licence.Valid},
		"long-term":               {time.Date(2126, 5, 1, 0, 0, 0, 0, time.UTC), "长期", "VALID", licence.Valid},
		"an unreadable day":       {time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), "01/05/2030", "VALID", licence.Unknown},
		"revoked stays revoked":   {time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), "2026-05-01", "REVOKED", licence.Revoked},
		"a status in other words": {time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), "", "正常", licence.Unknown},
	} {
		w := newWorld()
		w.now = c.now
		w.readings["p41"] = live(w.now, one(map[string]any{"expires_on": c.expiry, "status": c.status}))
		if got := w.list(t).Licences[0].Status; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTheNewerOfTwoAnswersAboutOneLicenceStands(t *testing.T) {
	w := newWorld()
	w.readings["p41"] = live(w.now, one(map[string]any{"issued_on": "2020-01-01"}), one(map[string]any{"type_name": "机动车驾驶证"}))
	w.readings["p31"] = live(w.now, one(map[string]any{"issued_on": "2025-01-01"}))
	shelf := w.list(t)
	if len(shelf.Licences) != 2 { // one number, two kinds
		t.Fatalf("%+v", shelf.Licences)
	}
	for _, l := range shelf.Licences {
		if l.TypeName == "居民身份证" && (l.IssuedOn != "2025-01-01" || l.App != "p31") {
			t.Errorf("%+v", l)
		}
	}
	if shelf.Licences[0].ID == shelf.Licences[1].ID {
		t.Error("two licences share an id")
	}
}

func TestAHolderLeavesMaskedWhateverTheSourceSends(t *testing.T) {
	w := newWorld()
	w.readings["p41"] = live(w.now, one(map[string]any{"masked_holder": "张三丰"}))
	if got := w.list(t).Licences[0].MaskedHolder; got != "张**" {
		t.Fatal(got)
	}
}

func TestNobodyListsForAnotherAndNobodyUnknown(t *testing.T) {
	w := newWorld()
	if _, err := w.service().List(t.Context(), ids.Actor{Subject: "sub_zhang", By: "sub_li"}); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" || w.asked != nil {
		t.Error(err)
	}
	for scopes, want := range map[ids.Scopes][2]bool{"space": {true, false}, "matter:x": {false, true}, "matter:y licence app:*": {}} {
		delegate := ids.Actor{Subject: "sub_zhang", By: "sub_li", Mandate: "man_1", Scopes: scopes}
		_, all := w.service().List(t.Context(), delegate)
		_, some := w.service().ListFor(t.Context(), delegate, "x")
		for i, err := range []error{all, some} {
			if err == nil != want[i] || err != nil && fault.CodeOf(err) != "ACTING_NOT_ALLOWED" {
				t.Errorf("%s, %d: %v", scopes, i, err)
			}
		}
	}
	if _, err := w.service().List(t.Context(), ids.Actor{Subject: "sub_x"}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestDaysLeftAreChinasDays(t *testing.T) {
	l := licence.Licence{ExpiresOn: "2026-05-03"}
	for now, want := range map[time.Time]int{
		time.Date(2026, 5, 1, 15, 59, 0, 0, time.UTC): 2, time.Date(2026, 5, 1, 16, 0, 0, 0, time.UTC): 1,
		time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC): 0, time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC): -1,
	} {
		if got, ok := l.DaysLeft(now); !ok || got != want {
			t.Errorf("%v: %d", now, got)
		}
	}
	if _, ok := (licence.Licence{}).DaysLeft(time.Now()); ok {
		t.Error("what has no end has days left")
	}
}

// Whoever states a stranger's ID number at a source that does not check it
// would else read the stranger's licences.
func TestAMerelyStatedNumberOpensNoShelf(t *testing.T) {
	w := newWorld()
	w.level = identity.LevelStated
	w.readings["p41"] = live(w.now, one(nil))
	if shelf := w.list(t); len(shelf.Licences)+len(shelf.Sources)+len(w.asked) != 0 {
		t.Fatalf("asked %d sources, showed %+v", len(w.asked), shelf)
	}
}

package space_test

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
	"github.com/tongban/tongban/services/space"
)

var now = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

type world struct {
	places   []ids.AreaCode
	lacks    int // levels below one that was checked
	asked    []province.Ask
	down     ids.AppID
	licences []licence.Licence
}

func (w *world) Account(_ context.Context, s ids.SubjectID) (identity.Account, error) {
	if s != "sub_zhang" {
		return identity.Account{}, fault.New("test", fault.NotFound, "ACCOUNT_UNKNOWN")
	}
	return identity.Account{Subject: s, Level: identity.LevelChecked - w.lacks, Places: w.places, CertKey: "c", Profile: identity.Profile{Name: "n", IDNumber: "i"}}, nil
}

func (w *world) ForRegion(area ids.AreaCode) []miniapp.App {
	national := miniapp.App{ID: "national", Manifest: &miniapp.Manifest{Name: "national", Tiles: []miniapp.Tile{{Capability: "credit", Title: "credit", DeadlineMS: 100, FreshSeconds: 60}}}}
	own := miniapp.App{ID: ids.AppID("p" + area[:2]), Manifest: &miniapp.Manifest{Name: "own", Tiles: []miniapp.Tile{
		{Capability: "social_security", Title: "s", DeadlineMS: 800, FreshSeconds: 300}, {Capability: "housing_fund", Title: "h", DeadlineMS: 700, FreshSeconds: 200}}}}
	return []miniapp.App{own, national}
}

func (w *world) ReadAll(_ context.Context, asks []province.Ask) []province.Reading {
	w.asked = asks
	list := make([]province.Reading, len(asks))
	for i, a := range asks {
		if a.App == w.down {
			list[i] = province.Reading{App: a.App, Freshness: province.Unavailable, Since: now.Add(-time.Minute), Reason: province.ReasonDown}
			continue
		}
		list[i] = province.Reading{App: a.App, AsOf: now, Freshness: province.Cached, FreshUntil: now.Add(time.Minute),
			Value: map[string]any{"headline": string(a.App), "lines": []any{map[string]any{"label": "l", "value": "v"}}}}
	}
	return list
}

func (w *world) List(context.Context, ids.Actor) (licence.Shelf, error) {
	return licence.Shelf{Licences: w.licences}, nil
}

func (w *world) service() *space.Service {
	return space.New(space.Deps{Accounts: w, Apps: w, Provinces: w, Licences: w, Clock: clock.At(now)})
}

// demand: D03 D39
func TestTilesStandInTheOrderOfPlacesAndManifests(t *testing.T) {
	w := &world{places: []ids.AreaCode{"410000", "310000"}}
	tiles, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_zhang"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"p41/social_security", "p41/housing_fund", "national/credit", "p31/social_security", "p31/housing_fund"}
	if len(tiles) != len(want) {
		t.Fatalf("%+v", tiles)
	}
	for i, tile := range tiles {
		if tile.ID != want[i] || tile.Headline != string(tile.App) || tile.Lines[0] != (space.Line{Label: "l", Value: "v"}) || !tile.FreshUntil.Equal(now.Add(time.Minute)) {
			t.Errorf("%d: %+v", i, tile)
		}
	}
	if a := w.asked[0]; a.Deadline != 800*time.Millisecond || a.Fresh != 5*time.Minute || a.Person.IDNumber != "i" || a.Area != "410000" {
		t.Errorf("%+v", a)
	}
}

// demand: D05
func TestAProvinceThatIsDownSaysSoAndTouchesNoOtherTile(t *testing.T) {
	w := &world{places: []ids.AreaCode{"410000", "310000"}, down: "p41"}
	tiles, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_zhang"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range tiles {
		if down := tile.App == "p41"; down != (tile.Freshness == province.Unavailable) || down != (tile.Headline == "") || down != (tile.Reason == province.ReasonDown) || down == tile.Since.IsZero() {
			t.Errorf("%+v", tile)
		}
	}
}

func TestNobodySeesAnothersSpace(t *testing.T) {
	w := &world{places: []ids.AreaCode{"410000"}}
	if _, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_zhang", By: "sub_li"}); fault.CodeOf(err) != "ACTING_NOT_ALLOWED" || w.asked != nil {
		t.Error(err)
	}
	for scopes, want := range map[ids.Scopes]string{"matter:* licence app:*": "ACTING_NOT_ALLOWED", "space": ""} {
		_, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_zhang", By: "sub_li", Mandate: "man_1", Scopes: scopes})
		if err == nil != (want == "") || err != nil && fault.CodeOf(err) != want {
			t.Errorf("%s: %v", scopes, err)
		}
	}
	if _, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_x"}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestRemindersSpeakOfWhatEndsWithinSixtyDays(t *testing.T) {
	l := func(id, day string, s licence.Status) licence.Licence {
		return licence.Licence{ID: ids.LicenceID(id), ExpiresOn: licence.Date(day), Status: s}
	}
	w := &world{licences: []licence.Licence{
		l("sixty", "2026-06-30", licence.Valid), l("sixty-one", "2026-07-01", licence.Valid), l("today", "2026-05-01", licence.Valid),
		l("lapsed", "2026-04-30", licence.Expired), l("long lapsed", "2026-03-01", licence.Expired), l("revoked", "2026-05-02", licence.Revoked), l("endless", "", licence.Valid),
	}}
	got, err := w.service().Reminders(t.Context(), ids.Actor{Subject: "sub_zhang"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].Licence != "lapsed" || got[0].Kind != space.LicenceExpired || got[0].DaysLeft != -1 ||
		got[1].Licence != "today" || got[1].DaysLeft != 0 || got[2].Licence != "sixty" || got[2].DaysLeft != 60 || got[2].Kind != space.LicenceExpiring {
		t.Fatalf("%+v", got)
	}
}

func TestAMerelyStatedNumberOpensNoTiles(t *testing.T) {
	w := &world{places: []ids.AreaCode{"410000"}, lacks: 1}
	tiles, err := w.service().Tiles(t.Context(), ids.Actor{Subject: "sub_zhang"})
	if err != nil || tiles == nil || len(tiles)+len(w.asked) != 0 {
		t.Fatalf("%+v, asked %d, %v", tiles, len(w.asked), err)
	}
}

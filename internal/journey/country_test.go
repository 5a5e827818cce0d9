package journey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// The systems of the whole country, and the ministry.
var national = []string{"notary", "justice", "insurance", "disinfectant", "tax"}

const (
	retiree = "杨假设" // known in 湖北, 湖南 (pinyin XML) and two more
	cook    = "陈模拟" // known in 福建, which answers in GBK
	buyer   = "李样例" // known in 苏州
	elder   = "赵虚构" // known in 南京
	hubei   = "420000"
	hunan   = "430000"
	fujian  = "350000"
	nanjing = "320100"
	suzhou  = "320500"
)

// from gives the tiles of one app.
func from(h journey.Home, app string) []journey.Tile {
	var list []journey.Tile
	for _, one := range h.HomeTiles {
		if one.App == app {
			list = append(list, one)
		}
	}
	return list
}

// open opens a mini-app, agreeing to what it asks, and checks that its page came.
func (st *stage) open(p *journey.Phone, code string) {
	st.t.Helper()
	app := st.province(code)
	view, _, err := p.OpenMiniApp(st.t.Context(), app.AppID())
	must(st.t, err)
	st.opened(view, app)
}

// demand: D20, D42
func TestNationalSystemsKnowThePersonWithoutAnotherSignIn(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: append([]string{henan}, national...)})
	p := st.phone(roamer)
	for _, code := range national {
		st.open(p, code)
		entries := st.province(code).History()
		launches := 0
		for _, e := range entries {
			if e.Kind == "callback" && e.Outcome == "ok" && e.Subject != "" {
				launches++
			}
			if e.Outcome == "no_session" || e.Kind == "site" || e.Kind == "download" {
				t.Errorf("%s: %s %s", code, e.Kind, e.Outcome)
			}
		}
		if launches != 1 {
			t.Errorf("%s: %d launches", code, launches)
		}
	}
	if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
		t.Errorf("%d login pages, %d sign-ins at the source: one each for all of them", c.LoginPages, c.SignIns)
	}
	names := map[string]bool{}
	for _, code := range national {
		for _, s := range subjects(st.province(code)) {
			names[s] = true
		}
	}
	if len(names) != len(national) {
		t.Errorf("%d systems know the person by %d names", len(national), len(names))
	}
}

// demand: D20, D03
func TestANationalSystemStandsInTheSpaceOfWhoUsesIt(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan, "notary", "tax"}, database: url})
		p, notary := st.phone(roamer), st.province("notary")
		before := st.home(p)
		if n := len(from(before, notary.AppID())); n != 0 || len(notary.History()) != 0 {
			t.Fatalf("%d tiles, %d questions before anybody used it", n, len(notary.History()))
		}
		st.open(p, "notary")
		after := st.home(p)
		tiles := from(after, notary.AppID())
		if len(tiles) != 1 || tiles[0].Freshness != "LIVE" || tiles[0].Headline != "公证书 1 份" {
			t.Errorf("%+v", tiles)
		}
		licence, matter := false, false
		for _, l := range after.HomeLicences.Licences {
			licence = licence || l.App == notary.AppID() && l.TypeName == "公证书"
		}
		for _, c := range after.HomeCases.Elsewhere.Cases {
			matter = matter || c.App == notary.AppID()
		}
		if !licence || !matter {
			t.Errorf("in the one space: licence %v, case %v", licence, matter)
		}
		if len(st.province("tax").History()) != 0 {
			t.Error("another system was asked")
		}
		// Turned away from, it is asked no more.
		var given struct {
			Consents struct {
				Edges []struct {
					Node struct{ ID string }
				}
			}
		}
		must(t, p.Ask(t.Context(), "Consents", nil, &given))
		must(t, p.Ask(t.Context(), "WithdrawConsent", map[string]any{"input": map[string]any{"consent": given.Consents.Edges[0].Node.ID}}, nil))
		if n := len(from(st.home(p), notary.AppID())); n != 0 {
			t.Errorf("%d tiles after the consent was withdrawn", n)
		}
	})
}

// demand: D22
func TestAPersonOfACityIsAnsweredByTheCity(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{jiangsu, henan}})
	at := func(person, source string) journey.Home {
		t.Helper()
		h := st.home(st.phone(person))
		for _, tile := range of(h, jiangsu) {
			if strings.HasSuffix(tile.ID, "/housing_fund") || strings.Contains(tile.ID, "/housing_fund/") {
				if tile.Source != source || tile.Freshness != "LIVE" {
					t.Errorf("%s: %+v", person, tile)
				}
			}
			if strings.HasSuffix(tile.ID, "/social_security") && tile.Source != "苏服办（示例）" {
				t.Errorf("%s: what no city answers comes from %s", person, tile.Source)
			}
		}
		return h
	}
	at(buyer, "苏服办（示例）·苏州市")
	at(elder, "苏服办（示例）·南京市")
	at(roamer, "苏服办（示例）") // known to the province alone
	asked := func(code string) map[string]int { return st.province(code).Counts().Requests["housing_fund"] }
	if asked(suzhou)["ok"] != 1 || asked(nanjing)["ok"] != 1 || asked(jiangsu)["ok"] != 1 || len(st.province(suzhou).Counts().Requests["social_security"]) != 0 {
		t.Errorf("苏州 %v, 南京 %v, the province %v", asked(suzhou), asked(nanjing), asked(jiangsu))
	}
	// One point arranges: the case list and the licences are the province's.
	if n := len(st.province(suzhou).Counts().Requests); n != 1 {
		t.Errorf("a city was asked for %v", st.province(suzhou).Counts().Requests)
	}
}

// demand: D22
func TestACityThatIsDownHarmsOnlyItsOwnTile(t *testing.T) {
	t.Parallel()
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			st := start(t, setting{areas: []string{jiangsu, henan}})
			must(t, o.begin(st.province(suzhou)))
			for _, tile := range st.home(st.phone(buyer)).HomeTiles {
				bad := strings.Contains(tile.ID, "/housing_fund/"+suzhou)
				if bad != (tile.Freshness == "UNAVAILABLE") || bad && tile.Reason != o.reason || !bad && tile.Since != nil {
					t.Errorf("%s is %s %s", tile.ID, tile.Freshness, tile.Reason)
				}
			}
			for _, tile := range st.home(st.phone(elder)).HomeTiles {
				if tile.Freshness != "LIVE" {
					t.Errorf("南京 went with it: %s is %s %s", tile.ID, tile.Freshness, tile.Reason)
				}
			}
		})
	}
}

// demand: D05, D06, D42
func TestHalfABatchTellsWhatItCouldNotAndShowsTheRest(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hunan, hubei}})
	p, bad := st.phone(retiree), st.province(hunan)
	must(t, bad.SetFault(province.Fault{Mode: province.ModeHalfBatch}))
	h := st.home(p)
	kinds := []string{}
	for _, l := range h.HomeLicences.Licences {
		if l.Province == hunan {
			kinds = append(kinds, l.TypeName)
		}
	}
	if !slices.Equal(kinds, []string{"居住证"}) {
		t.Errorf("licences %v: one of two stands", kinds)
	}
	for _, s := range h.HomeLicences.Sources {
		if s.Province == hunan && (s.Freshness != "LIVE" || s.Reason != "SOURCE_PARTIAL") || s.Province != hunan && s.Reason != "" {
			t.Errorf("%+v", s)
		}
	}
	for _, tile := range of(h, hunan) {
		if strings.HasSuffix(tile.ID, "/household") && (tile.Reason != "SOURCE_PARTIAL" || len(tile.Lines) != 3 || tile.Lines[1].Value != "该记录正在核对,请稍后再看" || tile.Lines[0].Value == tile.Lines[1].Value) {
			t.Errorf("%+v", tile)
		}
	}
	a, err := p.Send(t.Context(), map[string]any{"query": "{ homeLicences { sources { province missing { what reason words } } } }"})
	must(t, err)
	if !strings.Contains(string(a.Data), `"missing":[{"what":"不动产权证书","reason":"SOURCE_DOWN","words":"该记录正在核对,请稍后再看"}]`) {
		t.Errorf("which record is missing is not told: %s", a.Data)
	}
	bad.ClearFault()
	st.later(2*time.Minute, p)
	for _, s := range st.home(p).HomeLicences.Sources {
		if s.Reason != "" {
			t.Errorf("well again, and still %+v", s)
		}
	}
}

// demand: D42
func TestAProvinceThatAnswersInGBKIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mode, freshness, reason string }{
		{province.ModeOK, "LIVE", ""},
		{province.ModeWrongCharset, "LIVE", ""}, // its label lies, its manifest does not
		{province.ModeBadBytes, "UNAVAILABLE", "SOURCE_CHARSET_WRONG"},
	} {
		st := start(t, setting{areas: []string{fujian, "440000"}})
		must(t, st.province(fujian).SetFault(province.Fault{Mode: c.mode}))
		h := st.home(st.phone(cook))
		tiles := of(h, fujian)
		if len(tiles) == 0 {
			t.Fatal("no tiles")
		}
		for _, tile := range tiles {
			if tile.Freshness != c.freshness || tile.Reason != c.reason || (tile.Headline != "") != strings.HasSuffix(tile.Headline, " 元") || (c.reason == "") != (tile.Headline != "") {
				t.Errorf("%s: %+v", c.mode, tile)
			}
		}
		for _, tile := range of(h, "440000") {
			if tile.Freshness != "LIVE" {
				t.Errorf("%s: the other is %s", c.mode, tile.Freshness)
			}
		}
	}
}

// demand: D42
func TestAProvinceThatLiesAboutItsCharsetSaysSo(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	must(t, st.province(henan).SetFault(province.Fault{Mode: province.ModeWrongCharset}))
	for _, tile := range st.home(st.phone(roamer)).HomeTiles {
		if tile.Reason != "SOURCE_CHARSET_WRONG" {
			t.Errorf("%+v", tile)
		}
	}
}

// demand: D42
func TestAMatterIsHandedInInEveryDialect(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hunan, fujian, "330000"}})
	p := st.phone("吴漫游")
	for _, code := range []string{hunan, fujian} {
		c, err := p.Submit(t.Context(), filing, code, "key-"+code, fields())
		must(t, err)
		st.idle()
		taken, there := st.province(code).Case(c.ID)
		if !there || len(taken.Materials) == 0 || taken.Fields["care_region"] != shanghai {
			t.Errorf("%s took %v %+v", code, there, taken)
		}
		must(t, st.province(code).Advance(c.ID, province.Move{State: province.Received}))
	}
}

// demand: D05
func TestEachOfTheSevenKindsOfDataSaysHowFreshItIs(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{hubei, hunan, "insurance", "tax"}})
	p := st.phone(retiree)
	st.open(p, "insurance")
	st.open(p, "tax")
	kinds := map[string]string{"medical": "medical_insurance", "pension": "pension", "housing": "housing_fund", "employment": "employment",
		"social security": "social_security", "household": "household", "tax": "tax"}
	check := func(when, freshness string, at time.Time) {
		t.Helper()
		h := st.home(p)
		for kind, capability := range kinds {
			i := slices.IndexFunc(h.HomeTiles, func(one journey.Tile) bool { return strings.HasSuffix(one.ID, "/"+capability) })
			if i < 0 {
				t.Errorf("%s: no tile tells of %s", when, kind)
				continue
			}
			if tile := h.HomeTiles[i]; tile.Freshness != freshness || tile.AsOf == nil || !tile.AsOf.Equal(at) || tile.Headline == "" {
				t.Errorf("%s: %s is %s as of %v", when, kind, tile.Freshness, tile.AsOf)
			}
		}
	}
	check("first", "LIVE", monday)
	st.later(4*time.Minute, p)
	check("soon after", "CACHED", monday)
	for _, code := range []string{hubei, hunan, "insurance", "tax"} {
		must(t, st.province(code).Kill())
	}
	st.later(16*time.Minute, p)
	check("with all of them down", "STALE", monday)
}

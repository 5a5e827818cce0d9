package catalogue_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
)

func load(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// demand: D09
func TestAnItemHasOneIdAndItsGuide(t *testing.T) {
	c := load(t)
	for id, name := range map[ids.ItemID]string{
		"medical-filing-elsewhere": "异地就医登记备案和结算", "housing-fund-on-retirement": "正常退休提取住房公积金",
		"no-criminal-record-certificate": "开具无犯罪记录证明", "social-security-card": "社会保障卡申领", "pension-eligibility": "社保资格认证",
	} {
		it, err := c.Item(id)
		if err != nil || it.Name != name || !it.HasGuide {
			t.Errorf("%s: %+v, %v", id, it, err)
		}
		g, err := c.Guide(id, "410000")
		if err != nil || g.List != catalogue.CommonList || len(g.Materials) == 0 || len(g.Fields) == 0 || g.Result == "" {
			t.Errorf("guide of %s: %+v, %v", id, g, err)
		}
	}
}

func TestWhatNoSourceSaysStaysUnknown(t *testing.T) {
	c := load(t)
	it, err := c.Item("unemployment-registration")
	if err != nil || it.Department != nil || it.Mode != nil || it.Subject != nil || it.HasGuide {
		t.Errorf("item %+v, %v", it, err)
	}
	if _, err := c.Guide("unemployment-registration", "410000"); fault.CodeOf(err) != "GUIDE_UNKNOWN" {
		t.Errorf("a guide that is not there: %v", err)
	}
	b, err := c.Bundle("marriage")
	if err != nil || b.Matters != nil || b.MaterialsBasis != nil || b.Lead != nil {
		t.Errorf("bundle %+v, %v", b, err)
	}
}

// What is ours is marked, what a source states is not.
func TestDemonstrationValuesAreMarked(t *testing.T) {
	c := load(t)
	ours, err := c.Guide("medical-filing-elsewhere", "410000")
	if err != nil {
		t.Fatal(err)
	}
	if ours.ModeBasis != catalogue.Demonstration || ours.FeeBasis != catalogue.Demonstration || ours.Materials[0].Basis != catalogue.Demonstration || ours.Fields[0].Basis != catalogue.Demonstration {
		t.Errorf("guide %+v", ours)
	}
	stated, err := c.Guide("sole-trader-change", "410000")
	if err != nil || stated.ModeBasis != catalogue.Stated || stated.PromiseBasis != catalogue.Demonstration {
		t.Errorf("guide %+v, %v", stated, err)
	}
}

// demand: D11
func TestRegionsListsStandSideBySide(t *testing.T) {
	c := load(t)
	it, err := c.Item("partnership-registration")
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[ids.AreaCode]int{}
	for _, v := range it.Variants {
		sizes[v.Region] = len(v.Materials)
	}
	if sizes["310000"] != 5 || sizes["320000"] != 5 || sizes["340000"] != 2 || len(sizes) != 3 {
		t.Errorf("materials by region: %v", sizes)
	}
	if g, err := c.Guide(it.ID, "340100"); err != nil || g.List != catalogue.VariantList || len(g.Materials) != 2 {
		t.Errorf("a city's guide is its province's: %+v, %v", g, err)
	}
	if g, err := c.Guide(it.ID, "410000"); err != nil || g.List != catalogue.UnknownList || len(g.Materials) != 0 {
		t.Errorf("a region of which nothing is known: %+v, %v", g, err)
	}
}

// demand: D16
func TestItemsAreFoundBySubjectZoneRegionAndWords(t *testing.T) {
	c := load(t)
	enterprise, elderly, cross := catalogue.Enterprise, catalogue.Elderly, catalogue.CrossProvince
	has := func(items []catalogue.Item, id ids.ItemID) bool {
		return slices.ContainsFunc(items, func(i catalogue.Item) bool { return i.ID == id })
	}
	if got := c.Items(catalogue.Filter{Zone: &elderly}); len(got) != 4 || !has(got, "hospital-appointment") {
		t.Errorf("elderly zone: %d items", len(got))
	}
	if got := c.Items(catalogue.Filter{Zone: &cross}); len(got) != 36 || has(got, "hospital-appointment") {
		t.Errorf("cross-province zone: %d items", len(got))
	}
	if got := c.Items(catalogue.Filter{Subject: &enterprise}); !has(got, "company-relocation") || has(got, "social-security-card") {
		t.Errorf("for enterprises: %d items", len(got))
	}
	if got := c.Items(catalogue.Filter{Region: "410000"}); has(got, "partnership-registration") || !has(got, "social-security-card") {
		t.Errorf("in 410000: %d items", len(got))
	}
	if got := c.Items(catalogue.Filter{Text: "户口"}); len(got) != 6 {
		t.Errorf("by a word: %d items", len(got))
	}
}

func TestRegionsAreThoseOfTheStandardAndOnePlatformCode(t *testing.T) {
	c := load(t)
	divisions := 0
	for _, r := range c.Regions() {
		if r.Kind == catalogue.Division {
			divisions++
		}
	}
	corps, err := c.Region("660000")
	if divisions != 31 || len(c.Regions()) != 32 || err != nil || corps.Kind != catalogue.Platform {
		t.Errorf("%d divisions of %d, the Corps %+v, %v", divisions, len(c.Regions()), corps, err)
	}
	if _, err := c.Region("990000"); fault.CodeOf(err) != "REGION_UNKNOWN" {
		t.Errorf("unknown region: %v", err)
	}
}

// demand: D50
func TestABundleTellsBeforeAndAfter(t *testing.T) {
	b, err := load(t).Bundle("ride-hailing")
	want := catalogue.Measure{
		Materials: catalogue.Change{Before: 15, After: 9}, Steps: catalogue.Change{Before: 6, After: 1},
		WorkingDays: catalogue.Change{Before: 5, After: 1}, Visits: catalogue.Change{Before: 2, After: 0}, Basis: catalogue.Stated,
	}
	if err != nil || b.Measure == nil || *b.Measure != want || len(b.Materials) != 9 {
		t.Errorf("bundle %+v, %v", b, err)
	}
}

func TestBrokenFilesAreToldAllAtOnce(t *testing.T) {
	broken := fstest.MapFS{}
	entries, err := fs.ReadDir(os.DirFS("data"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile("data/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Replace(string(b), `"失业登记": "unemployment-registration",`, "", 1)
		s = strings.Replace(s, `"how": "sign"`, `"how": "sing"`, 1)
		s = strings.Replace(s, `"code": "310000"`, `"code": "310100"`, 1)
		broken["d/"+e.Name()] = &fstest.MapFile{Data: []byte(s)}
	}
	_, err = catalogue.Load(broken, "d")
	if fault.CodeOf(err) != "CATALOGUE_BROKEN" {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"no slug for the item 失业登记", `the how "sing"`, `"310100" is no provincial code`, `region "310000" is unknown`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("not told: %s", part)
		}
	}
}

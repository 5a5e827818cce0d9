package journey_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/journey"
)

type guide struct {
	List               string
	PromiseWorkingDays int
	Result             string
	Materials          []struct{ Name string }
}

func (g guide) materials() []string {
	var names []string
	for _, m := range g.Materials {
		names = append(names, m.Name)
	}
	return names
}

func guideOf(t *testing.T, p *journey.Phone, item, region string) guide {
	t.Helper()
	var out struct{ Guide guide }
	must(t, p.Ask(t.Context(), "Guide", map[string]any{"item": item, "region": region}, &out))
	return out.Guide
}

// demand: D11
func TestOneItemIsOneStandardEverywhereAndWhatDiffersIsShown(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.stranger() // who looks before signing in
	standard := guideOf(t, p, filing, henan)
	if standard.List != "COMMON" || len(standard.Materials) == 0 || standard.Result == "" {
		t.Fatalf("%+v", standard)
	}
	for _, region := range []string{shanghai, "540000", "650000"} {
		g := guideOf(t, p, filing, region)
		if !slices.Equal(g.materials(), standard.materials()) || g.PromiseWorkingDays != standard.PromiseWorkingDays || g.Result != standard.Result {
			t.Errorf("%s has a standard of its own: %+v", region, g)
		}
	}

	const differing = "partnership-registration"
	here, there := guideOf(t, p, differing, shanghai), guideOf(t, p, differing, "340000")
	if here.List != "VARIANT" || there.List != "VARIANT" || slices.Equal(here.materials(), there.materials()) {
		t.Errorf("the lists do not differ: %v, %v", here.materials(), there.materials())
	}
	if g := guideOf(t, p, differing, henan); g.List != "UNKNOWN" || len(g.Materials) > 0 {
		t.Errorf("a list is guessed for a region whose own nobody knows: %+v", g)
	}
	var beside struct {
		Item struct {
			Variants []struct {
				Region    string
				Materials []struct{ Name string }
			}
		}
	}
	must(t, json.Unmarshal(ask(t, p, `{ item(id: "`+differing+`") { variants { region materials { name } } } }`).Data, &beside))
	for _, v := range beside.Item.Variants {
		if want := guideOf(t, p, differing, v.Region); len(v.Materials) == 0 || len(v.Materials) != len(want.Materials) {
			t.Errorf("%s stands beside the others with %d materials, its guide has %d", v.Region, len(v.Materials), len(want.Materials))
		}
	}
	if len(beside.Item.Variants) < 2 {
		t.Error("the lists do not stand side by side")
	}
	refused(t, p.Ask(t.Context(), "Guide", map[string]any{"item": differing, "region": "999999"}, nil), "REGION_UNKNOWN")
}

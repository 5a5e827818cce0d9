package journey_test

import (
	"testing"
)

// demand: D01, D03, D39
func TestOnePersonSeesOneSpaceFilledByManyProvinces(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		home, err := st.phone(roamer).Home(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		provinces := map[string]bool{}
		for _, tile := range home.HomeTiles {
			if tile.Freshness != "LIVE" || tile.AsOf == nil || tile.Headline == "" {
				t.Errorf("%s %s: %s %v %s", tile.Province, tile.Title, tile.Freshness, tile.AsOf, tile.Reason)
			}
			provinces[tile.Province] = true
		}
		if len(provinces) != len(eight) {
			t.Errorf("tiles of %d provinces", len(provinces))
		}
		if n := len(home.HomeLicences.Sources); n != len(eight) || len(home.HomeLicences.Licences) == 0 {
			t.Errorf("%d licences of %d sources", len(home.HomeLicences.Licences), n)
		}
		if n := st.world.Source.Counts().SignIns; n != 1 {
			t.Errorf("%d sign-ins at the source", n)
		}
	})
}

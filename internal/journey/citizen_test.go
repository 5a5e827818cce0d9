package journey_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
)

// demand: D01, D03, D39
func TestOnePersonSeesOneSpaceFilledByManyProvinces(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{database: url})
		home := st.home(st.phone(roamer))
		provinces := map[string]bool{}
		for _, tile := range home.HomeTiles {
			if tile.Freshness != "LIVE" || tile.AsOf == nil || !tile.AsOf.Equal(monday) || tile.Headline == "" || tile.Source == "" || tile.Since != nil {
				t.Errorf("%s %s: %s %v %s", tile.Province, tile.Title, tile.Freshness, tile.AsOf, tile.Reason)
			}
			provinces[tile.Province] = true
		}
		if len(provinces) != len(eight) {
			t.Errorf("tiles of %d provinces", len(provinces))
		}
		if n := st.world.Source.Counts().SignIns; n != 1 {
			t.Errorf("%d sign-ins at the source", n)
		}
	})
}

// demand: D03
func TestLicencesAndCasesOfEveryProvinceStandInTheSameAnswer(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	home := st.home(st.phone(roamer))
	licences := map[string]bool{}
	for _, l := range home.HomeLicences.Licences {
		licences[l.Province] = true
	}
	cases := map[string]bool{}
	for _, c := range home.HomeCases.Elsewhere.Cases {
		cases[c.Province] = true
	}
	if len(licences) != len(eight) || len(cases) != len(eight) {
		t.Errorf("licences of %d provinces, cases of %d", len(licences), len(cases))
	}
	for what, sources := range map[string][]journey.SourceState{"licences": home.HomeLicences.Sources, "cases": home.HomeCases.Elsewhere.Sources} {
		if len(sources) != len(eight) {
			t.Errorf("%s name %d sources", what, len(sources))
		}
		for _, s := range sources {
			if s.Freshness != "LIVE" || s.AsOf == nil || s.Name == "" || s.Reason != "" {
				t.Errorf("%s of %s: %+v", what, s.Province, s)
			}
		}
	}
}

func TestTheSpaceShowsOnlyTheProvincesThatKnowThePerson(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	shown := map[string]bool{}
	for _, tile := range st.home(st.phone(spouse)).HomeTiles {
		shown[tile.Province] = true
	}
	for _, code := range eight {
		if shown[code] != st.person(spouse).KnownIn(code) {
			t.Errorf("%s: shown %v, known there %v", code, shown[code], !shown[code])
		}
	}
}

// demand: D05
func TestASecondLookAsksNobodyAndSaysHowOldItIs(t *testing.T) {
	t.Parallel()
	st := start(t, setting{})
	p := st.phone(roamer)
	first := st.home(p)
	asked := st.asked()
	st.later(4 * time.Minute)
	second := st.home(p)
	for _, tile := range second.HomeTiles {
		if tile.Freshness != "CACHED" || !tile.AsOf.Equal(monday) {
			t.Errorf("%s: %s as of %v", tile.ID, tile.Freshness, tile.AsOf)
		}
	}
	if now := st.asked(); now != asked {
		t.Errorf("%d questions about tiles and licences went to the provinces", now-asked)
	}
	if tiles(t, first, "") != tiles(t, second, "") {
		t.Error("the values changed")
	}
}

// demand: D05
func TestWhatIsNoLongerFreshIsShownAtOnceAndRenewedBehindIt(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	st.home(p)
	asked := st.asked()
	st.later(6*time.Minute, p) // fresh for five
	for _, tile := range st.home(p).HomeTiles {
		if tile.Freshness != "CACHED" || !tile.AsOf.Equal(monday) {
			t.Errorf("%s: %s as of %v", tile.ID, tile.Freshness, tile.AsOf)
		}
	}
	st.until("the values are asked anew", func() (bool, error) {
		for _, tile := range st.home(p).HomeTiles {
			if !tile.AsOf.Equal(monday.Add(6 * time.Minute)) {
				return false, nil
			}
		}
		return true, nil
	})
	if now := st.asked(); now == asked {
		t.Error("nobody was asked")
	}
}

func TestWhatIsThreeTimesTooOldIsAskedBeforeItIsShown(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	p := st.phone(roamer)
	st.home(p)
	st.later(16*time.Minute, p)
	for _, tile := range st.home(p).HomeTiles {
		if tile.Freshness != "LIVE" || !tile.AsOf.Equal(monday.Add(16*time.Minute)) {
			t.Errorf("%s: %s as of %v", tile.ID, tile.Freshness, tile.AsOf)
		}
	}
}

// asked counts the questions about tiles and licences that reached the
// provinces. Lists of cases are fresh for a minute only.
func (st *stage) asked() int {
	n := 0
	for _, p := range st.world.Country.Provinces() {
		for _, kind := range []string{"social_security", "housing_fund", "licence.list"} {
			for _, times := range p.Counts().Requests[kind] {
				n += times
			}
		}
	}
	return n
}

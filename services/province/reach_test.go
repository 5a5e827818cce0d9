package province_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
)

// served is a registry of one province with a city, and one national system.
type served struct {
	used   map[ids.AppID]bool
	looked int
	err    error
}

func (s *served) ForRegion(area ids.AreaCode) []miniapp.App {
	caps := map[string]miniapp.Capability{"a": {}, "b": {}}
	list := []miniapp.App{{ID: "national", Manifest: &miniapp.Manifest{Name: "national", Operator: miniapp.Operator{Kind: miniapp.KindNational},
		Connector: miniapp.Connector{Capabilities: caps}}}}
	if area.Province() == "320000" {
		list = append(list, miniapp.App{ID: "p32", Manifest: &miniapp.Manifest{Name: "p32", Operator: miniapp.Operator{Kind: miniapp.KindProvince},
			Connector: miniapp.Connector{Capabilities: caps, ChildEndpoints: []miniapp.ChildEndpoint{{Area: "320100", Name: "南京市", Capabilities: []string{"b"}}}}}})
	}
	return list
}

func (s *served) Uses(context.Context, ids.SubjectID) (map[ids.AppID]bool, error) {
	s.looked++
	return s.used, s.err
}

func targets(t *testing.T, s *served, places ...ids.AreaCode) []string {
	t.Helper()
	account := identity.Account{Subject: "sub_zhang", Level: identity.LevelChecked, Places: places}
	list, err := province.Reach{Apps: s, Uses: s}.Targets(t.Context(), account, func(miniapp.App) []string { return []string{"a", "b"} })
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, to := range list {
		said = append(said, to.Source()+" "+to.Capability)
	}
	return said
}

// demand: D20
func TestANationalSystemIsAskedOnlyForWhoUsesIt(t *testing.T) {
	s := &served{}
	if got := targets(t, s, "410000", "310000"); len(got) != 0 || s.looked != 1 {
		t.Errorf("%v, looked %d times", got, s.looked)
	}
	s.used = map[ids.AppID]bool{"national": true}
	if got := targets(t, s, "410000", "310000"); !slices.Equal(got, []string{"national a", "national b"}) {
		t.Errorf("%v", got)
	}
	if _, err := (province.Reach{Apps: &served{}, Uses: &served{err: fault.New("test", fault.Unavailable, "X")}}).Targets(t.Context(),
		identity.Account{Level: identity.LevelChecked, Places: []ids.AreaCode{"410000"}}, province.Offers("a")); fault.CodeOf(err) != "X" {
		t.Errorf("who uses what can't be read: %v", err)
	}
}

// demand: D22
func TestEachPointIsAskedOnceForWhatItAnswers(t *testing.T) {
	for _, c := range []struct {
		places []ids.AreaCode
		want   []string
	}{
		{[]ids.AreaCode{"320000"}, []string{"p32 a", "p32 b"}},
		{[]ids.AreaCode{"320105", "320100"}, []string{"p32 a", "p32·南京市 b"}},
		{[]ids.AreaCode{"320100", "320500"}, []string{"p32 a", "p32·南京市 b", "p32 b"}},
	} {
		if got := targets(t, &served{}, c.places...); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.places, got)
		}
	}
}

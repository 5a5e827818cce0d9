package ids_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
)

func TestSeededIdsRepeatAndRandomOnesDoNot(t *testing.T) {
	a, b := ids.From(rand.NewChaCha8([32]byte{1})), ids.From(rand.NewChaCha8([32]byte{1}))
	if x, y := a.New("case"), b.New("case"); x != y || !strings.HasPrefix(x, "case_") || len(x) != len("case_")+26 {
		t.Fatalf("%q %q", x, y)
	}
	r := ids.Random()
	if first, second := r.Secret(), r.Secret(); first == second {
		t.Fatal("a secret came twice")
	}
}

func TestProvinceOfAnArea(t *testing.T) {
	for in, want := range map[ids.AreaCode]ids.AreaCode{"410105": "410000", "310000": "310000", "x": "x"} {
		if got := in.Province(); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestAnAreaLiesWithinItsCityAndProvince(t *testing.T) {
	for pair, want := range map[[2]ids.AreaCode]bool{
		{"410105", "410105"}: true, {"410105", "410100"}: true, {"410105", "410000"}: true, {"410100", "410000"}: true,
		{"410105", "410106"}: false, {"410105", "410200"}: false, {"410105", "420000"}: false, {"410000", "410105"}: false,
		{"41", "41"}: false, {"410105", ""}: false,
	} {
		if pair[0].Within(pair[1]) != want {
			t.Errorf("%v", pair)
		}
	}
}

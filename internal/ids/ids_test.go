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

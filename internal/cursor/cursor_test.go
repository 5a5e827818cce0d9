package cursor_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cursor"
)

func TestACursorGivesItsPlaceBack(t *testing.T) {
	for _, at := range []int64{1, 1772442000000000, math.MaxInt64} {
		for _, id := range []string{"x", "con_swfbsayrwmr22xp2bdeqzzdati", "a.b"} {
			gotAt, gotID, ok := cursor.Parse(cursor.Of(at, id))
			if !ok || gotAt != at || gotID != id {
				t.Errorf("%d %s became %d %s %v", at, id, gotAt, gotID, ok)
			}
		}
	}
	if at, id, ok := cursor.Parse(""); at != 0 || id != "" || !ok {
		t.Error("the empty cursor is not the place before everything")
	}
}

func TestACursorOfNobodyIsRefused(t *testing.T) {
	for _, text := range []string{".", "1", "1.", ".x", "0.x", "-1.x", "9223372036854775808.x", "1. ", "1.a\nb", "1.中", "1." + strings.Repeat("x", 65)} {
		if _, _, ok := cursor.Parse(base64.RawURLEncoding.EncodeToString([]byte(text))); ok {
			t.Errorf("%q was taken", text)
		}
	}
	for _, c := range []string{"!", "MS54=", " MS54"} {
		if _, _, ok := cursor.Parse(c); ok {
			t.Errorf("%q was taken", c)
		}
	}
}

package province_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
	"github.com/tongban/tongban/services/province"
)

// cities plugs in a province whose two cities answer for themselves.
func (w *world) cities(t *testing.T, own, first, second http.HandlerFunc, only ...any) ids.AppID {
	t.Helper()
	child := func(area string, h http.HandlerFunc) map[string]any {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		c := map[string]any{"area": area, "base_url": s.URL}
		if len(only) > 0 {
			c["capabilities"] = only
		}
		return c
	}
	return w.plug(t, "cn.gov.test.p32", own, func(m map[string]any) {
		miniapptest.At(t, m, "gov_connector")["child_endpoints"] = []any{child("410100", first), child("410200", second)}
	})
}

func at(app ids.AppID, area ids.AreaCode) province.Ask {
	a := ask(app, zhang)
	a.Area = area
	return a
}

// demand: D22
func TestACityThatIsDownHarmsOnlyItself(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.cities(t, honest("own"), counted(&calls, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }), honest("second"))
	began := w.clock.Now()
	for range 8 { // more than its breaker bears
		if r := w.Read(t.Context(), at(app, "410105")); r.Freshness != province.Unavailable || r.Reason != province.ReasonDown || !r.Since.Equal(began) {
			t.Fatalf("%+v", r)
		}
		w.clock.Advance(100 * time.Millisecond)
	}
	if calls.Load() != 5 {
		t.Errorf("the city was called %d times: its breaker never opened", calls.Load())
	}
	for area, want := range map[ids.AreaCode]string{"410200": "second", "410000": "own", "410300": "own"} {
		if r := w.Read(t.Context(), at(app, area)); r.Freshness != province.Live && r.Freshness != province.Cached || headline(r) != want || !r.Since.IsZero() {
			t.Errorf("%s: %+v", area, r)
		}
	}
}

// demand: D22
func TestEachPointKeepsItsOwnAnswers(t *testing.T) {
	w := newWorld(t)
	app := w.cities(t, honest("own"), honest("first"), honest("second"))
	w.Read(t.Context(), at(app, "410100"))
	w.clock.Advance(time.Minute)
	second := w.Read(t.Context(), at(app, "410200"))
	again := w.Read(t.Context(), at(app, "410105")) // a district of the first
	if headline(second) != "second" || second.Freshness != province.Live || headline(again) != "first" || again.Freshness != province.Cached || !second.AsOf.Equal(again.AsOf.Add(time.Minute)) {
		t.Errorf("%+v %+v", second, again)
	}
}

// demand: D22
func TestACityAnswersOnlyWhatIsGivenToIt(t *testing.T) {
	w := newWorld(t)
	app := w.cities(t, honest("own"), honest("first"), honest("second"), "licence.list")
	if r := w.Read(t.Context(), at(app, "410100")); headline(r) != "own" {
		t.Errorf("%+v", r)
	}
}

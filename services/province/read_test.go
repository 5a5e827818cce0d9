package province_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/province"
)

// demand: D05
func TestAReadingSaysHowFreshItIs(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", counted(&calls, honest("1")))
	first := w.Read(t.Context(), ask(app, zhang))
	if first.Freshness != province.Live || headline(first) != "1" || !first.AsOf.Equal(w.clock.Now()) || first.Reason != "" {
		t.Fatalf("%+v", first)
	}
	w.clock.Advance(5 * time.Minute)
	second := w.Read(t.Context(), ask(app, zhang))
	if second.Freshness != province.Cached || !second.AsOf.Equal(first.AsOf) || !second.FreshUntil.Equal(w.clock.Now()) || calls.Load() != 1 {
		t.Fatalf("%+v, calls %d", second, calls.Load())
	}
	if live, cached := w.observed(province.Live), w.observed(province.Cached); live != 1 || cached != 1 {
		t.Errorf("%d live and %d cached readings were counted", live, cached)
	}
}

func TestAnAgingValueIsGivenAtOnceAndRefreshedBehind(t *testing.T) {
	w := newWorld(t)
	asked := make(chan struct{}, 8)
	release := make(chan struct{}, 8)
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-release
		honest("1")(rw, r)
	})
	release <- struct{}{}
	w.Read(t.Context(), ask(app, zhang))
	<-asked
	w.clock.Advance(10 * time.Minute)
	for range 3 { // while the one refresh is under way, nobody waits for it
		if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Cached || !r.FreshUntil.IsZero() {
			t.Fatalf("%+v", r)
		}
	}
	<-asked
	release <- struct{}{}
	w.Close() // waits for the refresh
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable {
		t.Fatalf("a closed service kept values: %+v", r)
	}
	if len(asked) != 0 {
		t.Fatal("more than one refresh")
	}
}

func TestARefreshRenewsTheValue(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", counted(&calls, honest("1")))
	w.Read(t.Context(), ask(app, zhang))
	w.clock.Advance(10 * time.Minute)
	w.Read(t.Context(), ask(app, zhang))
	a := ask(app, zhang)
	a.Fresh = 0 // joins the refresh or asks anew: either way it waits for the source
	w.Read(t.Context(), a)
	r := w.Read(t.Context(), ask(app, zhang))
	if r.Freshness != province.Cached || !r.AsOf.Equal(w.clock.Now()) || r.FreshUntil.IsZero() {
		t.Fatalf("%+v", r)
	}
}

func TestAValueTooOldIsAskedForAnew(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.p41", honest("1"))
	w.Read(t.Context(), ask(app, zhang))
	w.clock.Advance(15*time.Minute + time.Second)
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live || !r.AsOf.Equal(w.clock.Now()) {
		t.Fatalf("%+v", r)
	}
}

func TestTheLastKnownValueStandsInForADayAndSaysSince(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		honest("1")(rw, r)
	})
	first := w.Read(t.Context(), ask(app, zhang))
	broken.Store(true)
	w.clock.Advance(time.Hour)
	since := w.clock.Now()
	r := w.Read(t.Context(), ask(app, zhang))
	if r.Freshness != province.Stale || headline(r) != "1" || !r.AsOf.Equal(first.AsOf) || !r.Since.Equal(since) || r.Reason != province.ReasonDown {
		t.Fatalf("%+v", r)
	}
	w.clock.Advance(time.Hour)
	if r := w.Read(t.Context(), ask(app, zhang)); !r.Since.Equal(since) {
		t.Fatalf("since moved: %+v", r)
	}
	w.clock.Advance(22*time.Hour + time.Second)
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable || r.Value != nil || !r.Since.Equal(since) || r.Reason != province.ReasonDown {
		t.Fatalf("%+v", r)
	}
	broken.Store(false)
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live || !r.Since.IsZero() {
		t.Fatalf("%+v", r)
	}
}

func TestAnAppThatWantsNoStaleValuesGetsNone(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		honest("1")(rw, r)
	}, func(m map[string]any) { m["gov_degrade"] = map[string]any{"timeout_ms": 1500, "fallback": "none"} })
	w.Read(t.Context(), ask(app, zhang))
	broken.Store(true)
	w.clock.Advance(time.Hour)
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable {
		t.Fatalf("%+v", r)
	}
}

func TestNoRecordIsAnAnswer(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", counted(&calls, raw("application/json", `{"code":404,"message":"x"}`)))
	r := w.Read(t.Context(), ask(app, zhang))
	if r.Freshness != province.Live || r.Value != nil || r.Reason != province.ReasonNotFound {
		t.Fatalf("%+v", r)
	}
	if r = w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Cached || r.Reason != province.ReasonNotFound || calls.Load() != 1 {
		t.Fatalf("%+v, calls %d", r, calls.Load())
	}
}

func TestWhatMovedVoidsWhatIsKept(t *testing.T) {
	for name, key := range map[string]changes.Key{
		"the person": changes.Subject("sub_zhang"), "the app": changes.App("cn.gov.test.p41"),
		"the data": province.DataKey("sub_zhang", "cn.gov.test.p41"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			app := w.plug(t, "cn.gov.test.p41", honest("1"))
			w.Read(t.Context(), ask(app, zhang))
			w.changes.move(changes.Subject("sub_other"))
			if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Cached {
				t.Fatalf("another's change voided it: %+v", r)
			}
			w.changes.move(key)
			if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live {
				t.Fatalf("%+v", r)
			}
		})
	}
}

func TestAChangeDuringTheReadVoidsIt(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			w.changes.move(changes.Subject("sub_zhang"))
		}
		honest("1")(rw, r)
	})
	w.Read(t.Context(), ask(app, zhang))
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live || calls.Load() != 2 {
		t.Fatalf("%+v, calls %d", r, calls.Load())
	}
}

func TestABlindProcessServesNothingKept(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	app := w.plug(t, "cn.gov.test.p41", func(rw http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		honest("1")(rw, r)
	})
	w.Read(t.Context(), ask(app, zhang))
	w.changes.age()
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Live {
		t.Fatalf("%+v", r)
	}
	broken.Store(true)
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable {
		t.Fatalf("%+v", r)
	}
}

func TestRenewKeepsWhatStandsBeyondTheTailsMemory(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.p41", honest("1"))
	w.Read(t.Context(), ask(app, zhang))
	w.changes.move(changes.Subject("sub_other"))
	w.Renew()
	w.changes.mu.Lock()
	w.changes.last[changes.Subject("sub_zhang")] = w.changes.epoch // as a forgetting tail would say of all before
	w.changes.mu.Unlock()
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Cached {
		t.Fatalf("%+v", r)
	}
}

func TestASuspendedAppIsNotAsked(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", counted(&calls, honest("1")))
	w.Read(t.Context(), ask(app, zhang))
	w.apps.suspended[app] = true
	if r := w.Read(t.Context(), ask(app, zhang)); r.Freshness != province.Unavailable || r.Reason != province.ReasonAppSuspended || calls.Load() != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestNothingIsAskedFromWithinAUnit(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	app := w.plug(t, "cn.gov.test.p41", counted(&calls, honest("1")))
	ctx := unit.Mark(t.Context())
	if r := w.Read(ctx, ask(app, zhang)); r.Freshness != province.Unavailable || r.Reason != province.ReasonWithinUnit {
		t.Fatalf("%+v", r)
	}
	if _, err := w.Send(ctx, ask(app, zhang), "k"); err == nil || calls.Load() != 0 {
		t.Fatalf("%v, calls %d", err, calls.Load())
	}
}

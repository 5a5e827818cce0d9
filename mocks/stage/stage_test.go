package stage_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tongban/tongban/mocks/stage"
	"github.com/tongban/tongban/mocks/world"
)

func start(t *testing.T) (*world.World, *httptest.Server) {
	t.Helper()
	w, err := world.Start(world.Config{Areas: []string{"320000", "410000", "510000"}, Seed: "stage"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	h, err := stage.New(stage.Config{World: w, Phone: "/phone/", Elderly: "/phone/?mode=elderly"})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return w, web
}

func ask(t *testing.T, method, url string, header http.Header) (int, stage.State) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var st stage.State
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&st); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode, st
}

func TestEachSwitchTakesAPartAwayAndGivesItBack(t *testing.T) {
	w, web := start(t)
	_, st := ask(t, "GET", web.URL+"/stage/state", nil)
	if len(st.Switches) != 4 {
		t.Fatalf("%d switches", len(st.Switches))
	}
	for _, sw := range st.Switches {
		if sw.On {
			t.Errorf("%s is on at the start", sw.ID)
		}
		for _, step := range []struct {
			method string
			on     bool
		}{{"PUT", true}, {"PUT", true}, {"DELETE", false}, {"DELETE", false}} {
			status, st := ask(t, step.method, web.URL+"/stage/switches/"+sw.ID, nil)
			if status != http.StatusOK {
				t.Fatalf("%s %s answers %d", step.method, sw.ID, status)
			}
			for _, other := range st.Switches {
				if want := other.ID == sw.ID && step.on; other.On != want {
					t.Errorf("after %s %s: %s stands %v", step.method, sw.ID, other.ID, other.On)
				}
			}
		}
	}
	if !w.Redis.Running() {
		t.Error("Redis did not come back")
	}
	if status, _ := ask(t, "PUT", web.URL+"/stage/switches/nothing", nil); status != http.StatusNotFound {
		t.Errorf("an unknown switch answers %d", status)
	}
}

func TestCountsAndLogAreWhatTheOutsideSaw(t *testing.T) {
	w, web := start(t)
	site := w.Country.Provinces()[1].URL()
	for range 2 {
		res, err := http.Get(site + "/site/") //nolint:noctx // a person's browser
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	_, st := ask(t, "GET", web.URL+"/stage/state?place=410000", nil)
	if st.Counts.Jumps != 2 || len(st.Log) != 2 || st.Log[0].Kind != "site" {
		t.Errorf("counts %+v, log %+v", st.Counts, st.Log)
	}
	_, st = ask(t, "GET", web.URL+"/stage/state?place=320000", nil)
	if len(st.Log) != 0 {
		t.Errorf("another province's log has %d lines", len(st.Log))
	}
}

func TestAnotherPageMovesNothing(t *testing.T) {
	w, web := start(t)
	status, _ := ask(t, "PUT", web.URL+"/stage/switches/redis", http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if status != http.StatusForbidden || !w.Redis.Running() {
		t.Errorf("answered %d, Redis runs: %v", status, w.Redis.Running())
	}
}

// A foreign page whose name was made to point at this machine is of our origin
// to its browser.
func TestAPageUnderAForeignNameMovesNothing(t *testing.T) {
	w, web := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, web.URL+"/stage/switches/redis", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest || !w.Redis.Running() {
		t.Errorf("answered %d, Redis runs: %v", res.StatusCode, w.Redis.Running())
	}
}

package province_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/mocks/province"
)

// asked is a plain question about zhang, and what came of it.
func (w *world) asked(ctx context.Context, p *province.Province) (int, []byte, error) {
	body, err := json.Marshal(map[string]string{"sfzh": w.person("zhang").IDNumber, "idNumber": w.person("zhang").IDNumber})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.call(ctx, p, "licence.list", body, "", nil)
}

func TestFaultsDoWhatTheySay(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	set := func(f map[string]any) {
		t.Helper()
		if status := control(t, p, http.MethodPost, "/faults", f, nil); status != http.StatusOK {
			t.Fatalf("fault: %d", status)
		}
	}
	ctx := context.Background()
	set(map[string]any{"mode": "error"})
	if status, _, _ := w.asked(ctx, p); status != http.StatusServiceUnavailable {
		t.Errorf("error gives %d", status)
	}
	set(map[string]any{"mode": "garbage"})
	if _, raw, err := w.asked(ctx, p); err != nil || json.Valid(raw) {
		t.Errorf("garbage is JSON, or %v", err)
	}
	set(map[string]any{"mode": "huge"})
	if _, raw, err := w.asked(ctx, p); err != nil || len(raw) < 64<<20 || !json.Valid(raw) {
		t.Errorf("huge is %d bytes, %v", len(raw), err)
	}
	set(map[string]any{"mode": "wrong_person"})
	if _, raw, _ := w.asked(ctx, p); strings.Contains(string(raw), w.person("zhang").IDNumber) || !strings.Contains(string(raw), `"sfzh"`) {
		t.Error("wrong_person answers about the right one")
	}
	set(map[string]any{"mode": "slow_body"})
	if status, raw, err := w.asked(ctx, p); err != nil || status != http.StatusOK || !json.Valid(raw) {
		t.Errorf("slow_body never ends well: %d, %v", status, err)
	}
	if status := control(t, p, http.MethodDelete, "/faults", nil, nil); status != http.StatusNoContent {
		t.Errorf("clearing: %d", status)
	}
	if status, _, _ := w.asked(ctx, p); status != http.StatusOK {
		t.Errorf("after clearing: %d", status)
	}
	if status := control(t, p, http.MethodPost, "/faults", map[string]any{"mode": "odd"}, nil); status != http.StatusBadRequest {
		t.Errorf("an unknown mode: %d", status)
	}
}

func TestEnvelopeFailsInItsOwnWay(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	if err := p.SetFault(province.Fault{Mode: province.ModeError}); err != nil {
		t.Fatal(err)
	}
	status, raw, err := w.asked(context.Background(), p)
	if err != nil || status != http.StatusOK || !strings.Contains(string(raw), `"code":300`) {
		t.Errorf("%d %s %v", status, raw, err)
	}
}

func TestSilenceLastsUntilTheClientGoes(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	if err := p.SetFault(province.Fault{Mode: province.ModeSilence}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	answered := make(chan error)
	go func() {
		_, _, err := w.asked(ctx, p)
		answered <- err
	}()
	for len(p.History()) == 0 { // the request has arrived
		select {
		case err := <-answered:
			t.Fatalf("it answered: %v", err)
		default:
		}
	}
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestClosingEndsSilence(t *testing.T) {
	country, err := province.Start(province.Config{Areas: []string{"410000"}})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := country.Province("410000")
	if err := p.SetFault(province.Fault{Mode: province.ModeSilence}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error)
	go func() {
		res, err := http.Get(p.URL() + "/manifest.json")
		if err == nil {
			_ = res.Body.Close()
		}
		answered <- err
	}()
	for len(p.History()) == 0 {
		select {
		case err := <-answered:
			t.Fatalf("it answered: %v", err)
		default:
		}
	}
	if err := country.Close(); err != nil {
		t.Error(err)
	}
	if <-answered == nil {
		t.Error("silence answered at last")
	}
}

func TestErrorRateIsKept(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	if err := p.SetFault(province.Fault{ErrorRate: 0.2}); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for range 20 {
		if status, _, _ := w.asked(context.Background(), p); status != http.StatusOK {
			failed++
		}
	}
	if failed != 4 {
		t.Errorf("%d of 20 failed", failed)
	}
}

func TestFaultHitsOnlyItsPaths(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	if err := p.SetFault(province.Fault{Mode: province.ModeError, Paths: []string{"/api/housing-fund"}}); err != nil {
		t.Fatal(err)
	}
	zhang := w.person("zhang")
	if _, _, code := w.ask(p, "social_security", zhang, nil, ""); code != "" {
		t.Errorf("another path is hit: %q", code)
	}
	if _, _, code := w.ask(p, "housing_fund", zhang, nil, ""); code != "300" {
		t.Errorf("the path is not hit: %q", code)
	}
}

func TestLatencyIsWaited(t *testing.T) {
	waits := make(chan time.Duration, 10)
	w := newWorld(t, func(c *province.Config) {
		c.After = func(d time.Duration) <-chan time.Time {
			waits <- d
			return time.After(0)
		}
	}, "410000")
	p := w.province("410000")
	if err := p.SetFault(province.Fault{LatencyMS: 1500}); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := w.asked(context.Background(), p); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if len(waits) != 1 || <-waits != 1500*time.Millisecond {
		t.Error("it did not wait as told")
	}
}

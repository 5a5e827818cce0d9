package journey_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/journey"
)

// spent is what an answer says of where the time went.
type spent struct {
	Extensions *struct {
		Waterfall struct {
			TookMS  float64
			Sources []struct {
				Source, From, Freshness, Reason, Breaker string
				TookMS, CalledMS                         float64
			}
		}
	}
}

// timed asks for the tiles, and where the time goes.
func timed(t *testing.T, p *journey.Phone, extensions map[string]any) (spent, string) {
	t.Helper()
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions["persistedQuery"] = map[string]any{"version": 1, "sha256Hash": p.Operations["HomeTiles"]}
	a, err := p.Send(t.Context(), map[string]any{"extensions": extensions})
	must(t, err)
	var s spent
	must(t, json.Unmarshal(a.Raw, &s))
	return s, string(a.Raw)
}

func TestADeveloperSeesWhereTheTimeOfEachTileGoes(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	must(t, st.province(shanghai).Kill())
	s, raw := timed(t, p, map[string]any{"waterfall": true})
	if s.Extensions == nil || len(s.Extensions.Waterfall.Sources) < 4 {
		t.Fatalf("%.2000s", raw)
	}
	called, down := 0, 0
	for _, line := range s.Extensions.Waterfall.Sources {
		switch {
		case strings.HasPrefix(line.Source, st.province(henan).AppID()+"/") && line.From == "CALL" && line.Freshness == "LIVE" && line.Breaker == "CLOSED" && line.CalledMS > 0 && line.TookMS >= line.CalledMS:
			called++
		case strings.HasPrefix(line.Source, st.province(shanghai).AppID()+"/") && line.Freshness == "UNAVAILABLE" && line.Reason != "":
			down++
		default:
			t.Errorf("%+v", line)
		}
	}
	if called == 0 || down == 0 {
		t.Errorf("%d called, %d down: %.2000s", called, down, raw)
	}
	extensions := raw[strings.Index(raw, `"extensions":{"waterfall"`):]
	for _, word := range st.personal(p, roamer) {
		if strings.Contains(extensions, word) {
			t.Error("something personal is told beside the data")
		}
	}
	if _, raw := timed(t, p, nil); strings.Contains(raw, "waterfall") {
		t.Error("told to who did not ask")
	}
}

func TestProductionTellsNobodyWhereTheTimeGoes(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}, profile: config.Production})
	if _, raw := timed(t, st.phone(roamer), map[string]any{"waterfall": true}); strings.Contains(raw, "waterfall") || !strings.Contains(raw, "homeTiles") {
		t.Error(raw)
	}
}

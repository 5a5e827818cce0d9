package journey_test

import (
	"net/http"
	"testing"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/config"
)

func TestDevelopersHaveGraphiQLAndProductionHasNot(t *testing.T) {
	t.Parallel()
	for profile, want := range map[config.Profile]int{config.Dev: http.StatusOK, config.Production: http.StatusNotFound} {
		st := start(t, setting{areas: []string{henan}, profile: profile})
		for _, path := range []string{mobile.Front().GraphiQLPath(), mobile.Front().GraphiQLPath() + "/graphiql.min.js", verifier.Front().GraphiQLPath()} {
			res, err := http.Get(st.conf.Issuer + path)
			must(t, err)
			_ = res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%s, %s: %d", profile, path, res.StatusCode)
			}
		}
	}
}

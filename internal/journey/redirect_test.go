package journey_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

// Any program of a machine may listen on its loopback address and take a code
// that was meant for the app.
func TestACodeGoesToALoopbackAddressInDevOnly(t *testing.T) {
	for profile, want := range map[config.Profile]int{config.Dev: http.StatusSeeOther, config.Production: http.StatusBadRequest} {
		st := start(t, setting{areas: []string{"410000"}, profile: profile})
		ask := url.Values{
			"response_type": {"code"}, "client_id": {"tongban-mobile"}, "redirect_uri": {"http://127.0.0.1:4711/callback"}, "scope": {"mobile"}, "state": {"s"},
			"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, st.conf.Issuer+"/oauth2/authorize?"+ask.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d", profile, res.StatusCode)
		}
	}
}

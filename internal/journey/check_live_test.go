package journey_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
)

// An officer need not ask again and again: what the holder says comes by itself,
// whatever process each of them came to.
// demand: D40
func TestAnOfficerHearsWhatTheHolderSays(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan}, func(t *testing.T, st *stage, second string) {
		p, desk := st.phone(roamer), st.deskAt(hotel, second)
		asked, err := desk.Check(t.Context(), st.show(p, st.licence(p, henan, "居民身份证"), "ID_NUMBER").URL, "hotel-check-in", "ID_NUMBER")
		must(t, err)
		officer := st.world.Verifiers[0].Officers[0]
		token, err := officer.Token(t.Context(), st.conf.Issuer, st.clock.Now())
		must(t, err)
		operations, err := verifier.Operations()
		must(t, err)
		body, err := json.Marshal(map[string]any{"variables": map[string]any{"id": asked.ID},
			"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": operations["CheckChanged"]}}})
		must(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.Replace(second, mobile.Path, verifier.Path, 1), strings.NewReader(string(body)))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "text/event-stream")
		proved, err := officer.Prove(http.MethodPost, st.conf.Issuer+verifier.Path, token, "", st.clock.Now())
		must(t, err)
		req.Header.Set("Authorization", "DPoP "+token)
		req.Header.Set("DPoP", proved)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		heard := func(part string) string {
			t.Helper()
			for lines.Scan() {
				if strings.Contains(lines.Text(), part) {
					return lines.Text()
				}
			}
			t.Fatalf("the stream ended without %s: %v", part, lines.Err())
			return ""
		}
		if first := heard(`"WAITING"`); strings.Contains(first, st.person(roamer).IDNumber) {
			t.Error("told before the holder agreed")
		}
		_, err = p.Answer(t.Context(), asked.ID, "APPROVE")
		must(t, err)
		if told := heard(`"TOLD"`); !strings.Contains(told, st.person(roamer).IDNumber) || !strings.Contains(told, `"VALID"`) {
			t.Errorf("%s", told)
		}
	})
}

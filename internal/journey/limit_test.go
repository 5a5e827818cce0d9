package journey_test

import (
	"net/http"
	"strings"
	"testing"
)

// The doors that ask for no token count by network, in the product as it runs.
func TestDoorsWithoutATokenAreBounded(t *testing.T) {
	for path, method := range map[string]string{
		"/oauth2/authorize": http.MethodGet, "/oauth2/token": http.MethodPost, "/hooks/events": http.MethodPost,
	} {
		t.Run(path, func(t *testing.T) {
			st := start(t, setting{areas: []string{"410000"}, rate: 10})
			ask := func() int {
				req, err := http.NewRequestWithContext(t.Context(), method, st.conf.Issuer+path, strings.NewReader(""))
				if err != nil {
					t.Fatal(err)
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				return res.StatusCode
			}
			for range 4 { // fit into the bucket, whatever they cost
				if got := ask(); got == http.StatusTooManyRequests {
					t.Fatal("refused at once")
				}
			}
			for range 20 {
				if ask() == http.StatusTooManyRequests {
					return
				}
			}
			t.Fatal("asked without end")
		})
	}
}

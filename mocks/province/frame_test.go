package province_test

import (
	"net/http"
	"strings"
	"testing"
)

// A mini-app's page stands inside the platform's app and nowhere else.
func TestPagesAreFramedByThePlatformAlone(t *testing.T) {
	w := newWorld(t, nil, "330000")
	p := w.province("330000")
	o := open(w, p)
	for _, path := range []string{"/app/", "/site/"} {
		res, err := http.Get(p.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		policy := res.Header.Get("Content-Security-Policy")
		if _, ancestors, _ := strings.Cut(policy, "frame-ancestors "); ancestors != o.url {
			t.Errorf("%s may be framed by %q, want %q", path, ancestors, o.url)
		}
	}
}

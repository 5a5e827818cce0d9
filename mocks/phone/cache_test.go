package phone_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tongban/tongban/mocks/phone"
)

var (
	ahead = regexp.MustCompile(`<link rel="modulepreload" href="([^"]+)">`)
	named = regexp.MustCompile(`(?:href|src)="([0-9a-f]{16}/[^"]+)"`)
)

// A phone asks for every file once and at once, and never again.
func TestThePagesFilesAreAskedForAtOnceAndKept(t *testing.T) {
	page := get(t, "/phone/").Body.String()
	preloaded := map[string]bool{}
	for _, m := range ahead.FindAllStringSubmatch(page, -1) {
		preloaded[m[1]] = true
	}
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		w := get(t, "/phone/"+m[1])
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %s", m[1], w.Code, w.Header().Get("Cache-Control"))
		}
		version, name, _ := strings.Cut(m[1], "/")
		if bare := get(t, "/phone/"+name); bare.Body.String() != w.Body.String() || bare.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s is another file without its version, or kept", name)
		}
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, in := range regexp.MustCompile(`from '\./([^']+)'`).FindAllStringSubmatch(w.Body.String(), -1) {
			if !preloaded[version+"/"+in[1]] {
				t.Errorf("%s leads to %s, which is not asked for ahead", name, in[1])
			}
		}
	}
	if len(preloaded) < 20 {
		t.Errorf("%d modules", len(preloaded))
	}
	for _, name := range []string{"/phone/", "/phone/operations.json"} {
		if kept := get(t, name).Header().Get("Cache-Control"); kept != "no-cache" {
			t.Errorf("%s: %s", name, kept)
		}
	}
}

func TestFilesGoOutAsTheAskerReadsThem(t *testing.T) {
	h, err := phone.New(phone.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(accept, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/phone/app.css", nil)
		r.Header.Set("Accept-Encoding", accept)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	plain, zipped := ask("", ""), ask("deflate, gzip;q=1.0", "")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || string(body) != plain.Body.String() || zipped.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Error("gzip is another file", err)
	}
	if ask("gzip;q=0", "").Header().Get("Content-Encoding") != "" {
		t.Error("who reads no gzip got it")
	}
	if a, b := plain.Header().Get("ETag"), zipped.Header().Get("ETag"); a == b || ask("gzip", b).Code != http.StatusNotModified || ask("", a).Code != http.StatusNotModified || ask("", b).Code != http.StatusOK {
		t.Errorf("tags %s %s", a, b)
	}
}

package graphiql_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/internal/graphiql"
)

func get(t *testing.T, address string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := graphiql.New("/mobile/graphiql", "/mobile/graphql", `query Me { me(a: "<script>") }`)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	return w
}

func TestThePageNeedsNobodyElse(t *testing.T) {
	page := get(t, "/mobile/graphiql")
	if !strings.Contains(page.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page may reach others")
	}
	if body := page.Body.String(); !strings.Contains(body, "query Me") || strings.Contains(body, "<script>\")") {
		t.Error("the first document is not there, or is markup")
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	if len(links) != 6 {
		t.Fatalf("%d links: %s", len(links), page.Body)
	}
	for _, link := range links {
		if link[1] == "data:," {
			continue
		}
		if w := get(t, link[1]); w.Code != http.StatusOK || w.Body.Len() < 500 {
			t.Errorf("%s: %d, %d bytes", link[1], w.Code, w.Body.Len())
		}
	}
	for _, other := range []string{"/mobile/graphiql/README.md", "/mobile/graphiql/../graphiql.go", "/mobile/graphiql/page.html"} {
		if w := get(t, other); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", other, w.Code)
		}
	}
}

func TestVendoredFilesAreAsTheyCame(t *testing.T) {
	note, err := os.ReadFile("vendored/README.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts, _ := filepath.Glob("vendored/*.js")
	styles, _ := filepath.Glob("vendored/*.css")
	if len(scripts) != 3 || len(styles) != 1 {
		t.Fatalf("%v %v", scripts, styles)
	}
	for _, file := range append(scripts, styles...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		if want := hex.EncodeToString(sum[:]) + "  " + filepath.Base(file); !strings.Contains(string(note), want) {
			t.Errorf("%s is not what the note says", file)
		}
	}
}

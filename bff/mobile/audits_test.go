package mobile_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/config"
)

// graphql-http's 61 audits, as other people's servers are measured by.
func TestGraphQLOverHTTP(t *testing.T) {
	if os.Getenv("TONGBAN_TEST_FULL") != "1" {
		t.Skip("needs Node: set TONGBAN_TEST_FULL=1")
	}
	mux := http.NewServeMux()
	mux.Handle(mobile.Path, serve(t, config.Dev, &graph.Resolver{}))
	server := httptest.NewServer(mux)
	defer server.Close()
	node := exec.CommandContext(t.Context(), "node", "audits.mjs", server.URL+mobile.Path)
	node.Dir = filepath.Join("..", "..", "mocks", "clients")
	out, err := node.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "61 ok, 0 failed") {
		t.Fatalf("%v\n%s", err, out)
	}
}

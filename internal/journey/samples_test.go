package journey_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The samples of docs/app-guide.md, as a team runs them: its build's manifest is
// published, then its app asks by the ids alone.
func TestTheGuidesSamplesRun(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "@urql", "core")); err != nil && os.Getenv("TONGBAN_TEST_FULL") != "1" {
		t.Skip("needs npm ci done in mocks/clients")
	}
	written, err := node(t, "samples/manifest.mjs").Output()
	must(t, err)
	file := filepath.Join(t.TempDir(), "manifest.json")
	must(t, os.WriteFile(file, written, 0o600))
	st := start(t, setting{areas: []string{henan, shanghai}})
	if exit, out, told := tongban("operations", "publish", file, "--database="+st.conf.Database); exit != 0 || !strings.Contains(out, "3 of them new") {
		t.Fatalf("publish: %s%s", out, told)
	}
	p := st.phone(roamer)
	for _, sample := range []string{"apollo", "urql"} {
		t.Run(sample, func(t *testing.T) {
			cmd := node(t, "--experimental-websocket", "--no-warnings", "--import", "./oauth/clock.mjs", "samples/"+sample+".mjs", p.Front, file)
			cmd.Env = identified(t, p)
			var told bytes.Buffer
			cmd.Stderr = &told
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s%s", err, out, told.String())
			}
			var said struct {
				Tiles       []struct{ Title, Freshness, Caption string }
				Code, Words string
				Unread      *int
			}
			for line := range bytes.Lines(out) {
				must(t, json.Unmarshal(line, &said))
			}
			fresh := []string{"LIVE", "CACHED"}
			if len(said.Tiles) < 3 || !slices.Contains(fresh, said.Tiles[0].Freshness) || said.Tiles[0].Caption == "" {
				t.Errorf("tiles: %s", out)
			}
			if said.Code != "NOT_FOUND" || said.Words == "" || said.Unread == nil {
				t.Errorf("%s%s", out, told.String())
			}
		})
	}
}

package journey_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/journey"
)

// The commands of docs/verifier.md, as an organisation's team runs them: a key
// is made, registered, and used.
func TestTheVerifiersGuideRuns(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("TONGBAN_TEST_FULL") != "1" {
		t.Skip("needs Node")
	}
	st := start(t, setting{areas: []string{henan}})
	script, err := filepath.Abs(filepath.Join(clients, "officer.mjs"))
	must(t, err)
	dir := t.TempDir()
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"--no-warnings", script}, args...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "OFFICER_NOW="+strconv.FormatInt(st.clock.Now().UnixMilli(), 10))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	officer, err := run("key", "hotel-desk-9")
	must(t, err)
	registry := filepath.Join(st.conf.Registry, "verifiers.json")
	raw, err := os.ReadFile(registry)
	must(t, err)
	var file struct {
		Verifiers []map[string]any `json:"verifiers"`
	}
	must(t, json.Unmarshal(raw, &file))
	var entry any
	must(t, json.Unmarshal([]byte(officer), &entry))
	file.Verifiers[0]["officers"] = []any{entry}
	raw, err = json.Marshal(file)
	must(t, err)
	must(t, os.WriteFile(registry, raw, 0o600))
	if out, err := run("rights", st.conf.Issuer, "hotel-desk-9"); err == nil || !strings.Contains(out, "invalid_client") {
		t.Errorf("known before the operator's file was read: %s", out)
	}
	st.again()
	if out, err := run("rights", st.conf.Issuer, "hotel-desk-9"); err != nil || !strings.Contains(out, "hotel-check-in") {
		t.Fatalf("%v %s", err, out)
	}
	p := st.phone(roamer)
	id := st.licence(p, henan, "居民身份证")
	code := st.show(p, id, "TYPE", "EXPIRES_ON")
	out, err := run("check", st.conf.Issuer, "hotel-desk-9", code.URL, "hotel-check-in", "TYPE", "EXPIRES_ON")
	must(t, err)
	var told journey.Checked
	must(t, json.Unmarshal([]byte(out), &told))
	if told.Outcome != "VALID" || told.Value("TYPE") == "" || len(told.Withheld) != 0 {
		t.Errorf("%s", out)
	}
	if out, err := run("check", st.conf.Issuer, "hotel-desk-9", code.URL, "hotel-check-in"); err == nil || !strings.Contains(out, "SHOW_CODE_INVALID") {
		t.Errorf("a code works twice: %s", out)
	}
	if out, err := run("check", st.conf.Issuer, "hotel-desk-9", st.show(p, id, "TYPE").URL, "roadside-check"); err == nil || !strings.Contains(out, "PURPOSE_NOT_REGISTERED") {
		t.Errorf("%s", out)
	}
	// The holder is asked first, and the script waits.
	told = journey.Checked{}
	answered := make(chan error, 1)
	go func() {
		err := journey.Until(t.Context(), soon, func() (bool, error) {
			waiting, err := p.Approvals(t.Context())
			if err != nil || len(waiting) == 0 {
				return false, err
			}
			_, err = p.Answer(t.Context(), waiting[0].ID, "APPROVE")
			return err == nil, err
		})
		answered <- err
	}()
	out, err = run("check", st.conf.Issuer, "hotel-desk-9", st.show(p, id, "ID_NUMBER").URL, "hotel-check-in", "ID_NUMBER")
	must(t, err)
	must(t, <-answered)
	must(t, json.Unmarshal([]byte(out), &told))
	if told.Value("ID_NUMBER") != st.person(roamer).IDNumber {
		t.Error("what the holder agreed to is not told")
	}
}

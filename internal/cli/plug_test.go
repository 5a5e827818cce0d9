package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATeamsOwnPlugInComesBesideTheDemosAndNotInItsPlace(t *testing.T) {
	registry, own := t.TempDir(), t.TempDir()
	put := func(dir, name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(registry, "operators.json", `{"A":{"apps":["a"]}}`)
	put(registry, "manifests/310000.json", `{}`)
	put(own, "operators.json", `{"B":{"apps":["b"]}}`)
	if plug(registry, own) == nil {
		t.Error("a folder without a manifest was plugged in")
	}
	registry = t.TempDir()
	put(registry, "operators.json", `{"A":{"apps":["a"]}}`)
	put(registry, "manifests/310000.json", `{}`)
	put(own, "manifests/310000.json", `{"mine":true}`)
	if err := plug(registry, own); err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	raw, err := os.ReadFile(filepath.Join(registry, "operators.json"))
	if err != nil || json.Unmarshal(raw, &all) != nil || len(all) != 2 {
		t.Errorf("%s %v", raw, err)
	}
	if raw, err := os.ReadFile(filepath.Join(registry, "manifests", "310000.json")); err != nil || string(raw) != `{}` {
		t.Errorf("the demo's own manifest is %s %v", raw, err)
	}
	put(own, "operators.json", `{"A":{"apps":["everything."]}}`)
	if plug(registry, own) == nil {
		t.Error("an operator of the demo was replaced")
	}
}

func TestADemoDoesNotLeaveABadManifestOutInSilence(t *testing.T) {
	registry, own := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(own, "manifests"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(registry, "operators.json"):       `{}`,
		filepath.Join(own, "manifests", "nothing.json"): `{"app_id": "cn.gov.example.x"}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var told bytes.Buffer
	err := checkPlugged(registry, own, streams{out: &told})
	if err == nil || !strings.Contains(err.Error(), "nothing.json") || !strings.Contains(err.Error(), "missing: ") {
		t.Errorf("%v, told %q", err, told.String())
	}
}

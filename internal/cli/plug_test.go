package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
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

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

func TestKeysComeFromAFileOrTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOME_KEYS", "canary")
	for _, place := range []config.KeyPlace{config.KeyPlace(file), "env:SOME_KEYS"} {
		if raw, err := place.Read(); err != nil || string(raw) != "canary" || !place.Private() {
			t.Errorf("%s: %q, %v", place, raw, err)
		}
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if config.KeyPlace(file).Private() {
		t.Error("a file that a group may read is private")
	}
	for _, place := range []config.KeyPlace{config.KeyPlace(file + ".none"), "env:NO_SUCH_KEYS", ""} {
		if _, err := place.Read(); err == nil {
			t.Errorf("%q gives keys", place)
		}
	}
}

// A configuration is printed by whoever looks for a fault.
func TestAConfigurationNamesItsKeysAndShowsNone(t *testing.T) {
	t.Setenv("SOME_KEYS", "canary")
	c := config.Config{Profile: config.Production, Columns: "env:SOME_KEYS", Signing: "env:NO_SUCH_KEYS"}
	err := c.Check()
	if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "column-keys") ||
		!strings.Contains(err.Error(), "signing-keys (TONGBAN_SIGNING_KEYS) can't be read") {
		t.Errorf("%v", err)
	}
}

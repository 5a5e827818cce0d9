package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// plug adds a folder of the same form to a registry: operators.json,
// secrets.json and manifests/*.json, so that a team sees its own plug-in beside
// the demo's. It fails where both name the same operator or app.
func plug(registry, folder string) error {
	for _, name := range []string{"operators.json", "secrets.json"} {
		if err := merge(filepath.Join(registry, name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	manifests, err := filepath.Glob(filepath.Join(folder, "manifests", "*.json"))
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		return fmt.Errorf("%s holds no manifests/*.json", folder)
	}
	for _, path := range manifests {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(registry, "manifests", "plugged-"+filepath.Base(path)), raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// checkPlugged holds each manifest of the folder to every rule and says what it
// declares: a demo that left one out in silence would look well.
func checkPlugged(registry, folder string, s streams) error {
	manifests, err := filepath.Glob(filepath.Join(folder, "manifests", "*.json"))
	for _, path := range manifests {
		check := manifestCheck{Manifest: path, Operators: filepath.Join(registry, "operators.json"), Loopback: true}
		err = errors.Join(err, check.Run(s))
	}
	return err
}

// merge adds the members of one JSON object to another's; a missing file is
// empty. It fails where a member stands in both.
func merge(into, from string) error {
	all := map[string]json.RawMessage{}
	for _, path := range []string{into, from} {
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		var some map[string]json.RawMessage
		if err := json.Unmarshal(raw, &some); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for name, v := range some {
			if _, taken := all[name]; taken {
				return fmt.Errorf("%s: %s is the demo's own", path, name)
			}
			all[name] = v
		}
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(into, raw, 0o600)
}

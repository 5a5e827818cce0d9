package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/services/access/signing"
)

// KeyFiles are where a process's keys stand.
type KeyFiles struct{ Columns, Signing string }

// MakeKeys makes the key files missing in dir, readable by their owner alone,
// and says where they are. Existing files stay as they are.
func MakeKeys(dir string) (KeyFiles, error) {
	files := KeyFiles{Columns: filepath.Join(dir, "columns.json"), Signing: filepath.Join(dir, "signing.json")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return KeyFiles{}, fmt.Errorf("keys: %w", err)
	}
	if _, err := os.Stat(files.Columns); os.IsNotExist(err) {
		raw, err := crypt.Generate().Encode()
		if err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
		if err := os.WriteFile(files.Columns, raw, 0o600); err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
	}
	if _, err := signing.LoadOrGenerate(files.Signing); err != nil {
		return KeyFiles{}, fmt.Errorf("keys: %w", err)
	}
	return files, nil
}

func columnRing(path string) (*crypt.Ring, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %s can't be read", path)
	}
	k, err := crypt.ParseKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", path, err)
	}
	return crypt.NewRing(k)
}

func signingRing(path string) (*signing.Ring, error) {
	file, err := signing.Load(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", path, err)
	}
	return file.Ring()
}

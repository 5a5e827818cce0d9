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

// demoNote marks the key files of a demo: whoever has seen a demo's folder may
// hold its keys, so production refuses them.
const demoNote = "made by tongban demo: for a demo only"

// MakeKeys makes the key files missing in dir, readable by their owner alone,
// and says where they are. Existing files stay as they are.
func MakeKeys(dir string) (KeyFiles, error) { return makeKeys(dir, "") }

// MakeDemoKeys is MakeKeys for a demo: the files say so, and production does
// not start on them.
func MakeDemoKeys(dir string) (KeyFiles, error) { return makeKeys(dir, demoNote) }

func makeKeys(dir, note string) (KeyFiles, error) {
	files := KeyFiles{Columns: filepath.Join(dir, "columns.json"), Signing: filepath.Join(dir, "signing.json")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return KeyFiles{}, fmt.Errorf("keys: %w", err)
	}
	if _, err := os.Stat(files.Columns); os.IsNotExist(err) {
		keys := crypt.Generate()
		keys.Note = note
		raw, err := keys.Encode()
		if err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
		if err := os.WriteFile(files.Columns, raw, 0o600); err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
	}
	if _, err := os.Stat(files.Signing); os.IsNotExist(err) {
		file, err := signing.Generate()
		if err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
		file.Note = note
		if err := file.Save(files.Signing); err != nil {
			return KeyFiles{}, fmt.Errorf("keys: %w", err)
		}
	}
	return files, addSeal(files.Signing)
}

// addSeal adds the sealing key to a file of before there were seals.
func addSeal(path string) error {
	file, err := signing.Load(path)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if file.Seal != nil {
		return nil
	}
	if file, err = file.WithSeal(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return file.Save(path)
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

func sealer(path string) (signing.Signer, error) {
	file, err := signing.Load(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", path, err)
	}
	s, err := file.Sealer()
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", path, err)
	}
	return s, nil
}

func signingRing(path string) (*signing.Ring, error) {
	file, err := signing.Load(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", path, err)
	}
	return file.Ring()
}

package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tongban/tongban/internal/config"
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
func MakeKeys(dir string) (KeyFiles, error) { return makeKeys(dir, crypt.AESGCM{}, "") }

// MakeKeysFor is MakeKeys for another suite than AES-256-GCM.
func MakeKeysFor(dir string, suite crypt.Suite) (KeyFiles, error) { return makeKeys(dir, suite, "") }

// MakeDemoKeys is MakeKeys for a demo: the files say so, and production does
// not start on them.
func MakeDemoKeys(dir string) (KeyFiles, error) { return makeKeys(dir, crypt.AESGCM{}, demoNote) }

func makeKeys(dir string, suite crypt.Suite, note string) (KeyFiles, error) {
	files := KeyFiles{Columns: filepath.Join(dir, "columns.json"), Signing: filepath.Join(dir, "signing.json")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return KeyFiles{}, fmt.Errorf("keys: %w", err)
	}
	if _, err := os.Stat(files.Columns); os.IsNotExist(err) {
		keys := crypt.GenerateFor(suite)
		keys.Note = note
		if err := saveColumns(files.Columns, keys); err != nil {
			return KeyFiles{}, err
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

// saveColumns writes the file in one step, readable by its owner alone, and has
// it on the disk when it returns: what is sealed by a lost key is lost.
func saveColumns(path string, k crypt.Keys) error {
	raw, err := k.Encode()
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	part := path + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	_, err = out.Write(append(raw, '\n'))
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
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

// readColumns reads column keys, and unwraps them where they are wrapped. Its
// errors hold nothing of them.
func readColumns(ctx context.Context, place config.KeyPlace, by crypt.KeyEncryption) (crypt.Keys, error) {
	raw, err := place.Read()
	if err != nil {
		return crypt.Keys{}, fmt.Errorf("keys: %w", err)
	}
	k, err := crypt.ParseKeys(raw)
	if err == nil {
		k, err = k.Unwrap(ctx, by)
	}
	if err != nil {
		return crypt.Keys{}, fmt.Errorf("keys: %s: %w", place, err)
	}
	return k, nil
}

// columnRing makes the ring of column keys.
func columnRing(ctx context.Context, place config.KeyPlace, by crypt.KeyEncryption) (*crypt.Ring, error) {
	keys, err := readColumns(ctx, place, by)
	if err != nil {
		return nil, err
	}
	ring, err := crypt.NewRing(keys)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", place, err)
	}
	return ring, nil
}

// readSigning reads signing keys. Its errors hold nothing of them.
func readSigning(place config.KeyPlace) (signing.File, error) {
	raw, err := place.Read()
	if err != nil {
		return signing.File{}, fmt.Errorf("keys: %w", err)
	}
	if !place.Private() {
		return signing.File{}, fmt.Errorf("keys: %s may be read by others than its owner", place)
	}
	file, err := signing.Parse(raw)
	if err != nil {
		return signing.File{}, fmt.Errorf("keys: %s: %w", place, err)
	}
	return file, nil
}

func sealer(place config.KeyPlace) (signing.Signer, error) {
	file, err := readSigning(place)
	if err != nil {
		return nil, err
	}
	s, err := file.Sealer()
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", place, err)
	}
	return s, nil
}

func signingRing(place config.KeyPlace) (*signing.Ring, error) {
	file, err := readSigning(place)
	if err != nil {
		return nil, err
	}
	ring, err := file.Ring()
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", place, err)
	}
	return ring, nil
}

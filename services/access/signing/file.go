package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// File is a key file: private keys as JWKs with a state. It is a secret.
type File struct {
	Keys []FileKey `json:"keys"`
	// Seal is the key that seals what persons sign; it signs no token. Its
	// state is empty: which keys sealed before is kept with the seals.
	Seal *FileKey `json:"seal,omitempty"`
	// Note says what the file was made for, such as a demo; often empty.
	Note string `json:"note,omitempty"`
}

// FileKey is one private key of a file.
type FileKey struct {
	JWK
	// State is "current" or "previous".
	State string `json:"state"`
	// D is the private part, base64url (the seed for Ed25519).
	D string `json:"d"`
}

// Generate makes a file with one new key of each algorithm.
func Generate() (File, error) { return File{}.Rotate() }

// Rotate gives a file with new current keys; the current ones become previous
// and the previous ones are dropped. Rotate not sooner than the longest life of
// a token (10 minutes) after the last time, so that none is left without its key.
func (f File) Rotate() (File, error) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return File{}, fmt.Errorf("signing: %w", err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return File{}, fmt.Errorf("signing: %w", err)
	}
	d, err := ec.Bytes()
	if err != nil {
		return File{}, fmt.Errorf("signing: %w", err)
	}
	edKey, err := PublicJWK(ed.Public())
	if err != nil {
		return File{}, err
	}
	ecKey, err := PublicJWK(ec.Public())
	if err != nil {
		return File{}, err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	seal, err := newSeal()
	if err != nil {
		return File{}, err
	}
	out := File{Note: f.Note, Seal: seal, Keys: []FileKey{{JWK: edKey, State: "current", D: b64(ed.Seed())}, {JWK: ecKey, State: "current", D: b64(d)}}}
	for _, k := range f.Keys {
		if k.State == "current" {
			k.State = "previous"
			out.Keys = append(out.Keys, k)
		}
	}
	return out, nil
}

// Ring makes the ring of a file.
func (f File) Ring() (*Ring, error) {
	var current, previous []Signer
	for _, k := range f.Keys {
		key, err := k.private()
		if err != nil {
			return nil, err
		}
		s, err := FromKey(key)
		if err != nil {
			return nil, err
		}
		if s.Public().X != k.X || s.Public().KeyID != k.KeyID {
			return nil, errors.New("signing: a key of the file does not match its public part")
		}
		switch k.State {
		case "current":
			current = append(current, s)
		case "previous":
			previous = append(previous, s)
		default:
			return nil, errors.New("signing: a key's state is neither current nor previous")
		}
	}
	return NewRing(append(current, previous...)...)
}

func (k FileKey) private() (crypto.Signer, error) {
	d, err := base64.RawURLEncoding.Strict().DecodeString(k.D)
	if err != nil || len(d) != 32 {
		return nil, errors.New("signing: a private key of the file is not 32 bytes")
	}
	if k.KeyType == "OKP" && k.Curve == "Ed25519" {
		return ed25519.NewKeyFromSeed(d), nil
	}
	if k.KeyType == "EC" && k.Curve == "P-256" {
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		return key, nil
	}
	return nil, errors.New("signing: a key of the file is of another kind")
}

// Load reads a key file. It refuses one that others than its owner may read.
func Load(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("signing: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return File{}, fmt.Errorf("signing: key file mode is %o: others may read it", info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("signing: %w", err)
	}
	var f File
	if err := json.Unmarshal(raw, &f); err != nil {
		return File{}, fmt.Errorf("signing: key file: %w", err)
	}
	return f, nil
}

// LoadOrGenerate reads a key file, and makes one where there is none.
func LoadOrGenerate(path string) (File, error) {
	f, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if f, err = Generate(); err != nil {
		return File{}, err
	}
	return f, f.Save(path)
}

// Save writes the file in one step, readable by its owner only.
func (f File) Save(path string) error {
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	return nil
}

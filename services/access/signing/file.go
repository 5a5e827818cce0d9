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
	"log/slog"
	"os"
	"slices"
	"time"
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
	// State is where the key stands; empty for the sealing key.
	State State `json:"state"`
	// Since is when the key came to its state, in whole seconds; zero where the
	// file was made with it.
	Since time.Time `json:"since,omitzero"`
	// D is the private part, base64url (the seed for Ed25519).
	D string `json:"d"`
}

// Generate makes a file with one new current key of each algorithm, and a
// sealing key.
func Generate() (File, error) {
	keys, err := newKeys(Current, time.Time{})
	if err != nil {
		return File{}, err
	}
	seal, err := newSeal()
	if err != nil {
		return File{}, err
	}
	return File{Keys: keys, Seal: seal}, nil
}

// newKeys makes one key of each algorithm.
func newKeys(state State, since time.Time) ([]FileKey, error) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	d, err := ec.Bytes()
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	edKey, err := PublicJWK(ed.Public())
	if err != nil {
		return nil, err
	}
	ecKey, err := PublicJWK(ec.Public())
	if err != nil {
		return nil, err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return []FileKey{{JWK: edKey, State: state, Since: since, D: b64(ed.Seed())}, {JWK: ecKey, State: state, Since: since, D: b64(d)}}, nil
}

// Ring makes the ring of a file: the current keys sign, the next and previous
// ones are published and believed.
func (f File) Ring() (*Ring, error) {
	by := map[State][]Signer{}
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
		if k.State != Next && k.State != Current && k.State != Previous {
			return nil, errors.New("signing: a key's state is not next, current or previous")
		}
		by[k.State] = append(by[k.State], s)
	}
	if len(by[Current]) != 2 {
		return nil, errors.New("signing: a file wants two current keys, an EdDSA and an ES256 one")
	}
	// The two current ones stand first, so a next one never signs.
	if _, err := NewRing(by[Current]...); err != nil {
		return nil, err
	}
	return NewRing(slices.Concat(by[Current], by[Next], by[Previous])...)
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
	return Parse(raw)
}

// Parse reads the content of a key file. Its error holds nothing of it.
func Parse(raw []byte) (File, error) {
	var f File
	if json.Unmarshal(raw, &f) != nil { // whose words can quote the file
		return File{}, errors.New("signing: not the JSON of a key file")
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
	if err := write(part, append(raw, '\n')); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	return nil
}

// write has the content on the disk when it returns: keys are not to be lost.
func write(path string, raw []byte) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(raw)
	return errors.Join(err, out.Sync(), out.Close())
}

// String hides the keys.
func (File) String() string { return "signing.File(hidden)" }

// GoString hides the keys.
func (File) GoString() string { return "signing.File(hidden)" }

// LogValue hides the keys.
func (File) LogValue() slog.Value { return slog.StringValue("signing.File(hidden)") }

// String gives the key's id and state alone.
func (k FileKey) String() string { return string(k.State) + " " + k.KeyID }

// GoString gives the key's id and state alone.
func (k FileKey) GoString() string { return k.String() }

// LogValue gives the key's id and state alone.
func (k FileKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

package crypt

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// Keys is the content of a key file: {"current": kid, "columns": {kid: base64
// of a key}, "index": base64 of 32 bytes}. The index key can't be changed
// without writing all keyed hashes anew, hence it stands apart.
type Keys struct {
	// Suite names the set of algorithms; empty means AES-256-GCM.
	Suite   string            `json:"suite,omitempty"`
	Current string            `json:"current"`
	Columns map[string][]byte `json:"columns"`
	Index   []byte            `json:"index"`
	// Next is the key that will seal once every process knows it; often empty.
	Next string `json:"next,omitempty"`
	// Since is when Next came, or else Current; zero in a new file.
	Since time.Time `json:"since,omitzero"`
	// WrappedBy names the key-encryption key under which all keys here are
	// wrapped; empty where they stand as they are. See Unwrap.
	WrappedBy string `json:"wrapped_by,omitempty"`
	// Note says what the file was made for, such as a demo; often empty.
	Note string `json:"note,omitempty"`
}

// ParseKeys reads a key file. It fails with Invalid KEYS_MALFORMED.
func ParseKeys(file []byte) (Keys, error) {
	var k Keys
	if err := json.Unmarshal(file, &k); err != nil {
		// The cause is dropped: a JSON error can quote the file.
		return Keys{}, fault.New("crypt.ParseKeys", fault.Invalid, "KEYS_MALFORMED")
	}
	return k, nil
}

// Encode gives the key file of k.
func (k Keys) Encode() ([]byte, error) {
	type file Keys
	return json.MarshalIndent(file(k), "", "  ")
}

// Generate makes a new set of keys, for a demo or a first installation.
func Generate() Keys { return GenerateFor(AESGCM{}) }

// GenerateFor is Generate for another suite than AES-256-GCM.
func GenerateFor(s Suite) Keys {
	k := Keys{Current: "k1", Columns: map[string][]byte{"k1": random(s.KeySize())}, Index: random(indexSize)}
	if s.Name() != (AESGCM{}).Name() {
		k.Suite = s.Name()
	}
	return k
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// String hides the keys.
func (Keys) String() string { return "crypt.Keys(hidden)" }

// GoString hides the keys.
func (Keys) GoString() string { return "crypt.Keys(hidden)" }

// LogValue hides the keys.
func (Keys) LogValue() slog.Value { return slog.StringValue("crypt.Keys(hidden)") }

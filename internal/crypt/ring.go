package crypt

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/tongban/tongban/internal/fault"
)

// Ring seals, opens and hashes. It is safe for concurrent use, also while a
// rotation gives it other keys.
type Ring struct{ held atomic.Pointer[held] }

// NewRing makes a ring of the suite that the keys name. It fails with Invalid
// KEYS_MALFORMED when the suite is unknown, a key has a wrong length, a kid
// can't stand in a sealed value, the current or next key is missing, or the
// keys are wrapped still.
func NewRing(keys Keys) (*Ring, error) {
	h, err := hold(keys)
	if err != nil {
		return nil, err
	}
	r := &Ring{}
	r.held.Store(h)
	return r, nil
}

// Reload has the ring work by other keys from now on. It fails as NewRing does,
// and with Conflict KEYS_INDEX_CHANGED when suite or index key are others:
// nothing would be found any more. Then the ring stays as it is.
func (r *Ring) Reload(keys Keys) error {
	const op = "crypt.Reload"
	h, err := hold(keys)
	if err != nil {
		return fault.Wrap(op, err)
	}
	was := r.held.Load()
	if h.suite != was.suite || !hmac.Equal(h.index, was.index) {
		return fault.New(op, fault.Conflict, "KEYS_INDEX_CHANGED")
	}
	r.held.Store(h)
	return nil
}

// Seal encrypts plain with the current key for its place alone. Two seals of
// one value differ.
func (r *Ring) Seal(place string, plain []byte) (string, error) {
	if place == "" {
		return "", fault.New("crypt.Seal", fault.Internal, "CRYPT_PLACE_MISSING")
	}
	h := r.held.Load()
	sealed := h.columns[h.current].Seal(nil, nil, plain, additional(h.current, place))
	return h.current + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal gave for the same place. It fails with Internal
// CRYPT_KEY_UNKNOWN when the key is not in the ring, CRYPT_MALFORMED when the
// value has not the sealed form, and CRYPT_OPEN_FAILED when it was changed or
// sealed for another place.
func (r *Ring) Open(place, sealed string) ([]byte, error) {
	const op = "crypt.Open"
	kid, text, ok := strings.Cut(sealed, ".")
	if !ok {
		return nil, fault.New(op, fault.Internal, "CRYPT_MALFORMED")
	}
	aead, ok := r.held.Load().columns[kid]
	if !ok {
		return nil, fault.New(op, fault.Internal, "CRYPT_KEY_UNKNOWN")
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fault.New(op, fault.Internal, "CRYPT_MALFORMED")
	}
	plain, err := aead.Open(nil, nil, raw, additional(kid, place))
	if err != nil {
		return nil, fault.New(op, fault.Internal, "CRYPT_OPEN_FAILED")
	}
	return plain, nil
}

// Stale tells whether sealed was made with a key that is no longer the current
// one, so that a rotation knows which values to seal again.
func (r *Ring) Stale(sealed string) bool {
	kid, _, _ := strings.Cut(sealed, ".")
	return kid != r.Current()
}

// Current gives the id of the key that seals.
func (r *Ring) Current() string { return r.held.Load().current }

// Index gives a keyed hash of value (43 URL-safe characters), the same each
// time for the same place and value, to look a sealed value up by.
func (r *Ring) Index(place, value string) string {
	h := r.held.Load()
	return h.mac(h.index, place, value)
}

// Fingerprints gives for each kid what the key is known by, and tells nothing
// else of it: so that two processes notice that they call two keys by one name.
// The index key stands under "".
func (r *Ring) Fingerprints() map[string]string {
	h := r.held.Load()
	out := map[string]string{"": h.mac(h.index, "crypt.fingerprint", "index")}
	for kid, key := range h.keys {
		out[kid] = h.mac(key, "crypt.fingerprint", kid)
	}
	return out
}

// Suite gives the name of the ring's suite.
func (r *Ring) Suite() string { return r.held.Load().suite.Name() }

func (h *held) mac(key []byte, place, value string) string {
	mac := hmac.New(h.suite.Hash, key)
	// The length keeps ("ab","c") and ("a","bc") apart.
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(place)))
	mac.Write(n[:])
	mac.Write([]byte(place))
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func additional(kid, place string) []byte { return []byte(kid + "." + place) }

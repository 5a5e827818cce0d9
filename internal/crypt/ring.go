package crypt

import (
	"crypto/cipher"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

// Ring seals, opens and hashes. It is safe for concurrent use.
type Ring struct {
	suite   Suite
	current string
	columns map[string]cipher.AEAD
	index   []byte
}

// NewRing makes a ring of AES-256-GCM. It fails with Invalid KEYS_MALFORMED
// when a key has a wrong length, a kid can't stand in a sealed value, or the
// current key is missing.
func NewRing(keys Keys) (*Ring, error) { return newRing(AESGCM{}, keys) }

func newRing(suite Suite, keys Keys) (*Ring, error) {
	bad := fault.New("crypt.NewRing", fault.Invalid, "KEYS_MALFORMED")
	r := &Ring{suite: suite, current: keys.Current, columns: make(map[string]cipher.AEAD, len(keys.Columns))}
	for kid, key := range keys.Columns {
		if kid == "" || strings.Contains(kid, ".") {
			return nil, bad.Becausef("a kid is empty or has a dot")
		}
		if len(key) != suite.KeySize() {
			return nil, bad.Becausef("column key %s has %d bytes, wants %d", kid, len(key), suite.KeySize())
		}
		aead, err := suite.AEAD(key)
		if err != nil {
			return nil, bad.Becausef("column key %s is refused", kid)
		}
		r.columns[kid] = aead
	}
	if _, ok := r.columns[keys.Current]; !ok {
		return nil, bad.Becausef("the current key is not among the columns")
	}
	if len(keys.Index) != suite.KeySize() {
		return nil, bad.Becausef("the index key has %d bytes, wants %d", len(keys.Index), suite.KeySize())
	}
	r.index = append([]byte(nil), keys.Index...)
	return r, nil
}

// Seal encrypts plain with the current key for its place alone. Two seals of
// one value differ.
func (r *Ring) Seal(place string, plain []byte) (string, error) {
	if place == "" {
		return "", fault.New("crypt.Seal", fault.Internal, "CRYPT_PLACE_MISSING")
	}
	sealed := r.columns[r.current].Seal(nil, nil, plain, additional(r.current, place))
	return r.current + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
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
	aead, ok := r.columns[kid]
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
	return kid != r.current
}

// Index gives a keyed hash of value (43 URL-safe characters), the same each
// time for the same place and value, to look a sealed value up by.
func (r *Ring) Index(place, value string) string {
	mac := hmac.New(r.suite.Hash, r.index)
	// The length keeps ("ab","c") and ("a","bc") apart.
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(place)))
	mac.Write(n[:])
	mac.Write([]byte(place))
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func additional(kid, place string) []byte { return []byte(kid + "." + place) }

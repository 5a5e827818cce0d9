package crypt

import (
	"bytes"
	"crypto/cipher"
	"regexp"

	"github.com/tongban/tongban/internal/fault"
)

// indexSize is the length of an index key in bytes, in every suite.
const indexSize = 32

// goodKid is what a key may be called: it stands in every sealed value.
var goodKid = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// held are the keys of a ring at one time; it never changes.
type held struct {
	suite   Suite
	current string
	columns map[string]cipher.AEAD
	keys    map[string][]byte // for fingerprints
	index   []byte
}

func hold(k Keys) (*held, error) {
	bad := fault.New("crypt.NewRing", fault.Invalid, "KEYS_MALFORMED")
	suite, known := suites(k.Suite)
	if !known {
		return nil, bad.Becausef("the suite %q is unknown", k.Suite)
	}
	if k.WrappedBy != "" {
		return nil, bad.Becausef("the keys are wrapped by %q", k.WrappedBy)
	}
	h := &held{suite: suite, current: k.Current, columns: make(map[string]cipher.AEAD, len(k.Columns)), keys: make(map[string][]byte, len(k.Columns))}
	for kid, key := range k.Columns {
		if !goodKid.MatchString(kid) {
			return nil, bad.Becausef("a kid is not 1 to 32 letters, digits, - and _")
		}
		if len(key) != suite.KeySize() {
			return nil, bad.Becausef("column key %s has %d bytes, a key of %s has %d", kid, len(key), suite.Name(), suite.KeySize())
		}
		aead, err := suite.AEAD(key)
		if err != nil {
			return nil, bad.Becausef("column key %s is refused", kid)
		}
		h.columns[kid], h.keys[kid] = aead, bytes.Clone(key)
	}
	if _, ok := h.columns[k.Current]; !ok {
		return nil, bad.Becausef("the current key is not among the columns")
	}
	if _, ok := h.columns[k.Next]; k.Next != "" && (!ok || k.Next == k.Current) {
		return nil, bad.Becausef("the next key is not among the columns, or is the current one")
	}
	if len(k.Index) != indexSize {
		return nil, bad.Becausef("the index key has %d bytes, wants %d", len(k.Index), indexSize)
	}
	h.index = bytes.Clone(k.Index)
	return h, nil
}

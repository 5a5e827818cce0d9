package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"hash"
)

// Suite is one set of algorithms. A ring speaks one suite, with one sealed form.
// It can't be changed once there are values: the keyed hashes, by which rows are
// found, would be others.
type Suite interface {
	// Name is how a key file names the suite.
	Name() string
	// KeySize is the length of a column key in bytes.
	KeySize() int
	// AEAD gives a cipher that makes its own nonces: NonceSize is 0, the
	// nonce stands before the ciphertext. It fails when the key has a wrong length.
	AEAD(key []byte) (cipher.AEAD, error)
	// Hash gives a fresh hash of 32 bytes for keyed hashes.
	Hash() hash.Hash
}

// suites gives the suite that a key file names; AES-256-GCM where it names none.
func suites(name string) (Suite, bool) {
	for _, s := range []Suite{AESGCM{}, Guomi{}} {
		if name == s.Name() {
			return s, true
		}
	}
	return AESGCM{}, name == ""
}

// AESGCM is AES-256-GCM with random nonces, and SHA-256. Change the current
// key before 2^32 values are sealed with it (NIST SP 800-38D, 8.3).
type AESGCM struct{}

// Name is "aes-256-gcm".
func (AESGCM) Name() string { return "aes-256-gcm" }

// KeySize is 32 bytes.
func (AESGCM) KeySize() int { return 32 }

// AEAD gives AES-GCM with random nonces.
func (AESGCM) AEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Hash gives SHA-256.
func (AESGCM) Hash() hash.Hash { return sha256.New() }

package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"hash"
)

// Suite is one set of algorithms. A ring speaks one suite; another set, such
// as the national one (国密), is another Suite with the same sealed form.
type Suite interface {
	// KeySize is the length of a key in bytes.
	KeySize() int
	// AEAD gives a cipher that makes its own nonces: NonceSize is 0, the
	// nonce stands before the ciphertext. It fails when the key has a wrong length.
	AEAD(key []byte) (cipher.AEAD, error)
	// Hash gives a fresh hash for keyed hashes.
	Hash() hash.Hash
}

// AESGCM is AES-256-GCM with random nonces, and SHA-256. Change the current
// key before 2^32 values are sealed with it (NIST SP 800-38D, 8.3).
type AESGCM struct{}

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

package crypt

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Guomi is the national suite (国密): SM4-GCM (GB/T 32907, RFC 8998) with random
// nonces, and SM3 (GB/T 32905). It is experimental: the library is of 2022 and
// certified by nobody. Change the current key before 2^32 values are sealed.
type Guomi struct{}

// Name is "guomi-experimental".
func (Guomi) Name() string { return "guomi-experimental" }

// KeySize is 16 bytes.
func (Guomi) KeySize() int { return 16 }

// AEAD gives SM4-GCM with random nonces.
func (Guomi) AEAD(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return randomNonce{gcm}, nil
}

// Hash gives SM3.
func (Guomi) Hash() hash.Hash { return sm3.New() }

// randomNonce is a GCM that makes its own nonces, as
// cipher.NewGCMWithRandomNonce does, which takes AES alone.
type randomNonce struct{ gcm cipher.AEAD }

// NonceSize is 0: the nonce stands before the ciphertext.
func (randomNonce) NonceSize() int { return 0 }

// Overhead is nonce and tag.
func (r randomNonce) Overhead() int { return r.gcm.NonceSize() + r.gcm.Overhead() }

// Seal appends nonce, ciphertext and tag to dst.
func (r randomNonce) Seal(dst, _, plain, additional []byte) []byte {
	nonce := make([]byte, r.gcm.NonceSize(), len(plain)+r.Overhead())
	_, _ = rand.Read(nonce) // never fails: it ends the program instead
	return append(dst, r.gcm.Seal(nonce, nonce, plain, additional)...)
}

// Open appends the plaintext to dst.
func (r randomNonce) Open(dst, _, sealed, additional []byte) ([]byte, error) {
	n := r.gcm.NonceSize()
	if len(sealed) < r.Overhead() {
		return nil, errors.New("crypt: too short")
	}
	return r.gcm.Open(dst, sealed[:n], sealed[n:], additional)
}

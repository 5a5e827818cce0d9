// Package crypt seals personal columns (个人信息列加密) and makes keyed hashes
// to look them up by.
//
// It owns the key ring. A sealed value is "kid.base64url": which key sealed it,
// then nonce, ciphertext and tag. Each value is bound to its place, such as
// "identity_account.profile/<subject>": moved to another row or column it does
// not open. Old keys stay in the ring so that old values open; only the current
// one seals. A rotation adds a key, makes it current once every process knows
// it, has all old values sealed anew (internal/reseal, by the Columns that the
// rooms list) and drops the old key. The index key stays for good.
//
// Keys may be wrapped by a key that lives elsewhere (KeyEncryption).
//
// It refuses to know what it seals, where keys come from besides their file's
// form, and never puts plaintext or key material in an error.
package crypt

// Package signing holds the product's signing keys and its strict reading of
// signed tokens.
//
// A key ring has one current key per algorithm (EdDSA for our own fronts,
// ES256 for everybody else) and, while a rotation overlaps, the previous ones:
// new tokens are signed by the current key, tokens of the previous ones are
// still accepted and all public keys stand in the JWKS.
//
// Signing is behind Signer, so a key may live in a hardware module; nothing
// here asks for a private key once the ring is made.
//
// Verify reads a JWT as strictly as we can: one algorithm list, one type, one
// audience as a string, exp always, no crit, no member twice, canonical base64.
// It knows nothing of what the claims mean.
package signing

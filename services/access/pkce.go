package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"regexp"
)

var goodVerifier = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) // RFC 7636 §4.1

// goodChallenge tells whether the challenge can be an S256 one: base64url of 32 bytes.
func goodChallenge(challenge string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(challenge)
	return err == nil && len(raw) == sha256.Size && len(challenge) == 43 // the decoder skips line breaks
}

// proves tells whether the verifier belongs to the S256 challenge (RFC 7636 §4.6).
func proves(verifier, challenge string) bool {
	if !goodVerifier.MatchString(verifier) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// maxText bounds a state or nonce, in bytes. FAPI 2.0 §5.3.2.2 knows of states
// beyond 1000 (some clients keep a JWT there) and wants nonces of 64.
const maxText = 2 << 10

// goodText tells whether a state or nonce is printable ASCII of a sane length.
func goodText(s string) bool {
	for _, r := range s {
		if r < 0x20 || r > 0x7e {
			return false
		}
	}
	return len(s) <= maxText
}

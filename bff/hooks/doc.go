// Package hooks takes in what provinces and the payment platform tell by
// themselves: signed security event tokens (RFC 8417) pushed over HTTP (RFC 8935).
//
// It owns the door only: body limits, the check of signature and claims
// against the key set in the sender's own manifest, or the one configured for the
// payment platform, and the answers of RFC 8935. What an event means is casework's.
//
// Invariants: nothing is believed before the signature of the app or platform
// named as issuer was checked; an accepted event is stored before it is acknowledged;
// an answer never repeats what was sent. A sender retries what got no answer,
// 404, 429 or 5xx, with a new iat and the same jti.
package hooks

// Package sender reads who sent a request: the access token and the proof of
// the key it is bound to (RFC 9449 §7), and sees to it that no proof is good
// twice.
//
// Its invariants: a proof of a read is remembered in the window; one of what
// must not happen twice in the window and in SQL, so that the proof of a read
// can't be shown again for a change, nor the other way; a proof is spent
// whatever becomes of its request.
//
// It refuses to know what a token or a proof says: access does.
package sender

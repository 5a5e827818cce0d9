// Package proof reads DPoP proofs (RFC 9449): signed statements by which a
// caller shows, for one request, that it holds the key its token is bound to.
//
// It owns the form of a proof and what one must say of its request: method,
// address, moment, the token's hash. Its words are the RFC's; a thumbprint
// (jkt, RFC 7638) names a key.
//
// It is strict where the RFC lets a server choose: two algorithms, one spelling
// of the key, no header that points elsewhere, no member twice.
//
// It refuses to know HTTP, tokens, and whether a proof was seen before: that
// wants a memory, which its callers have.
package proof

// Package front is the machinery that all GraphQL fronts share: a schema
// filtered to the front, the door (who asks, in which language), the limits of
// one request, trusted documents, and an HTTP transport of our own.
//
// Invariants. A front serves only its filtered schema, in validation and in
// introspection, and has its own cache of documents. Whatever is refused is
// refused before it costs much, with a stable code, in less than 2 KiB, and
// without a word of what was sent. In the production profile only trusted
// documents run. An answer is written once: what the executor encoded is not
// encoded again.
//
// It refuses to know any root field, service or screen.
package front

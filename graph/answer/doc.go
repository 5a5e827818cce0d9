// Package answer turns an error into what a client is told: a stable code, the
// words for it in the client's language, and when to try again.
//
// It is the one edge of every GraphQL front: errors are logged here, once. Its
// invariants: a client never sees an op, a cause, text of a library or anything
// it sent itself; Private looks exactly like NotFound; an error without a kind
// is INTERNAL. It knows no HTTP.
package answer

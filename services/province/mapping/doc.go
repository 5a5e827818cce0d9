// Package mapping turns a question into what a source's interface takes, and
// its answer into our shape, by the CEL expressions of the manifest.
//
// A request sees `person` {id_number, name, cert_key}, `input` and `key` (the
// idempotency key of a write). Owner, error and answer see `answer`, what the
// source sent, and `status`, the HTTP status. CEL's string extensions and
// optional fields (`answer.?state.orValue(”)`) are at hand; regular expressions
// (matches) are not.
//
// Invariants: an expression is compiled once per manifest; each evaluation has
// a limit of cost and of time, each call in it and its result a limit of size,
// so no manifest and no answer can make us work long. Plain forms (a path, a
// literal, a list mapped, a condition) run as Go; what these say is what CEL
// says, and what they can't say CEL does.
package mapping

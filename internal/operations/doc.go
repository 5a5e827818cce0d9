// Package operations keeps the documents that client teams registered, so that
// all processes run the same ones.
//
// Its words: a Document is one operation of a client's app, named by the
// SHA-256 of its exact text; a Manifest is a list of them in the format that
// Apollo's tools write (apollo-persisted-query-manifest); a Front's documents
// are apart from another's.
//
// Invariants: a document never changes and is never taken away, since apps in
// the field keep asking for it; publishing what is there already changes
// nothing; a process that does not know a document looks again when the change
// log says that some were published, and at most once a second while it can't
// tell.
//
// It refuses to know whether a document fits a schema: the front does, and is
// asked before a manifest gets here.
package operations

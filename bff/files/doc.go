// Package files is the door for contents, which never travel in GraphQL: where
// a person sends a file that was announced (requestUpload), sees their own
// again, and where the back end of a handling place fetches what its case has.
//
// It owns the door only: who asks, how much and how fast, and how a content is
// served so that no browser runs it. What a content must be is material's.
//
// An address is no secret. A person shows the access token of one of our own
// fronts, a back end an assertion signed by a key of its manifest; so an
// address in a log or a screenshot opens nothing.
package files

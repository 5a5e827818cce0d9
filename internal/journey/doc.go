// Package journey is people acting on a running product over HTTP alone: a
// person with a phone, a web view that opens a mini-app, a province seen
// through its mock's control port. The story that the demo tells and the
// end-to-end tests are made of it.
//
// It knows addresses, documents and answers; nothing of the product's inside.
package journey

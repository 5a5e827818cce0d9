// Package web is HTTP plumbing with no subject: a server that ends cleanly,
// what stands around every handler (request id, panic, access log, security
// headers), and the health pages.
//
// It never logs a query string, a body, a header or a full client address:
// each can carry something personal.
package web

// Package oauth is the HTTP of the authorization server: one thin handler per
// endpoint, over services/access.
//
// It owns how OAuth looks on the wire: forms, redirects, status codes, error
// bodies, cookies, headers, and the two pages a person can meet (something went
// wrong; choose an identity source). A parameter that stands twice is refused,
// a secret in an address too. It decides nothing: what may be given, access
// says. How often a network may ask is bounded before anything is read.
package oauth

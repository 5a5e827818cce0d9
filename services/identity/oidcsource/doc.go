// Package oidcsource is the product as relying party of one trusted identity
// source over OpenID Connect: code flow with PKCE, strict about the answer.
//
// Sources differ, and nothing here knows one by name: what each calls a claim, a
// level or a role is the operator's to write down (see [Config]), and a word that
// is not written down proves nothing.
//
// A source that is down at start, or later, does not stop the product:
// discovery is done when the first person comes, kept, and tried again after a
// pause. Nothing a source answers stands in an error: answers hold names and
// ID numbers.
package oidcsource

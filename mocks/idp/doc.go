// Package idp is an identity source on loopback: the real OpenID Provider
// that a nation or a province would run, with demonstration people.
//
// It owns a login page (each one counted, since a person is to see it once),
// single-use codes, ES256 id_tokens, a userinfo endpoint, and a control port
// with its history and its faults. Its client is registered with a secret
// (client_secret_basic) and with the places it may send people back to.
//
// Sources differ: a Style gives one its own names of claims, words for levels
// and roles, and kind of key. A legal persons' source signs people in for their
// enterprises.
//
// Its words: a person is somebody who can choose themselves on the page, a
// fault is a way of being broken until it is taken back.
//
// It refuses to know anything of the product: it speaks OpenID Connect to
// whoever its client is, and shares no code with it.
package idp

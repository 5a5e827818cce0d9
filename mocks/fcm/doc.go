// Package fcm is Google's push service on loopback, as far as its v1 send
// method goes: POST /v1/projects/{project}/messages:send, one message to one
// token.
//
// It owns what becomes of a token: each is in a state (ok, gone, quota, down,
// sender) by a call of the control port, or else by how its text begins
// ("gone-…"), and it keeps every call with headers and body, so that a test
// can search them for what must not leave the house.
//
// It refuses what the real one refuses (unknown members, values that are no
// strings, more than 4096 bytes) in the real one's error shape; it refuses
// topics and conditions too, which the real one takes.
package fcm

// Package push is how a person is told (消息触达): every event that concerns a
// person becomes one notice in their inbox, and is announced on their devices
// through channels, of which Firebase Cloud Messaging is one.
//
// Words: a notice is what there is to know; a delivery is one attempt to
// announce it on one device and has a state; a channel carries announcements.
//
// Invariants: the inbox entry always exists, whatever the channels do; one
// event makes one notice for each whom it concerns, however often it arrives; an
// announcement carries the notice's id and general words, never a name, a number
// or what the matter is; a device that its channel calls gone is forgotten,
// and so is one on which nobody is signed in any more.
//
// It refuses to know how a matter is decided and who may see a case.
package push

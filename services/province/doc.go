// Package province calls a plug-in as its manifest declares, and says of each
// answer how fresh it is.
//
// Its words: an Ask is one question about one person to one capability of one
// app; a Reading is what came of it, with a Freshness; a source is the app
// asked; a flight is one call that several askers wait for.
//
// Invariants: Read never fails and never waits longer than its deadline; a
// value is given to nobody but the subject it was read for; an answer about
// another person is dropped, alarmed and never kept; a cached value is void
// once anything it rests on was revoked or changed after its read began; one
// source that is down, slow or lying touches no other; nothing is called from
// within a unit of work.
//
// It refuses to know what the values mean to the rooms that ask, beyond their
// shape, and how bytes travel: that is provincehttp.
package province

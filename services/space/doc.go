// Package space owns the personal space (个人专属空间): the tiles of one person
// from every province that knows them, and the reminders that follow.
//
// Its words: a Tile is one answer of one province with its freshness; a
// Reminder is something of the person's that soon asks for an act.
//
// Invariants: a tile that fails says so and changes no other; nobody waits for
// a tile longer than its own deadline; the order is the account's places, then
// the manifest's.
//
// It refuses to know how a province is called and what a tile's lines mean.
package space

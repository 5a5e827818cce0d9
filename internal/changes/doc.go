// Package changes is the product's one revocation mechanism: an append-only
// table of what was revoked or changed, and each process's tail of it.
//
// Its words: a Key names what a row is about (a subject, a session, an app, a
// consent); Log appends rows in a unit of work; Tail is this process's view of
// the rows; an Epoch counts what the tail has seen and means nothing in
// another process.
//
// Whoever keeps a value takes Now before its read begins and keeps the epoch
// beside the value; the value serves only while Valid. That is exact: a row
// that the read could have missed reaches the tail after that epoch.
//
// Invariants:
//   - rows of a shard are numbered without gaps, in the order of their
//     commits: the shard's head is raised under its row lock, in the unit that
//     inserts the rows. So a tail never misses a row that commits late;
//   - a unit's rows are written together as the last thing in it, from the
//     lowest shard up, whoever appended them: so no two units wait for each
//     other's heads, and nobody waits longer than a commit takes;
//   - a tail older than MaxAge holds nothing valid;
//   - what the tail forgets (after Window) makes older values void, never valid.
//
// It refuses to know what a change means; a token that lives longer than
// Window needs another proof.
package changes

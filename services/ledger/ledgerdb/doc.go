// Package ledgerdb keeps the ledger in SQL. It can insert entries and move
// heads; no statement here changes an entry, and one removes those at the front
// of a chain that a signed head stands for. Triggers on both engines refuse any
// change of an entry or of a signed head, and the removal of an entry younger
// than three years by the engine's own clock: whoever wants to must be able to
// drop a trigger first, which an account of the product need not be.
package ledgerdb

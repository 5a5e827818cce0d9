// Package ledgerdb keeps the ledger in SQL. It can insert entries and move
// heads; no statement here changes or removes an entry.
package ledgerdb

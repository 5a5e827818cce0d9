// Package database opens the product's SQL engine and runs units of work on it.
//
// Two engines, one SQL text with $1…: SQLite (one file, one process, the
// default) and PostgreSQL (any number of processes). It owns connections,
// transactions, migrations and the mapping of driver failures to faults; the
// tables belong to the rooms.
//
// Its words: a unit (unit.Unit) is one transaction; a Querier runs statements,
// inside one (Tx) or outside (DB.Read, which refuses writes); a room's
// Migrations are its own numbered steps with their own version table.
//
// Invariants, the same on both engines:
//   - no write outside a unit, no unit within a unit;
//   - a read that begins after a commit sees it, in the same process;
//   - after a statement failed the unit can only be undone (so IsConflict is
//     something to return upon, not to go on after). PostgreSQL demands it,
//     so SQLite gets the same rule;
//   - isolation is READ COMMITTED on PostgreSQL: a read-modify-write takes its
//     row by an update first, or writes by compare-and-swap. SQLite runs one
//     unit at a time.
//
// It refuses to know what the rows mean.
package database

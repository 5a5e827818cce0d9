// Package caseworkdb keeps cases, idempotency keys and events in SQL. Fields,
// materials and notes are sealed, each for its own row; claims are never
// removed, since a key may be asked for again at any time.
package caseworkdb

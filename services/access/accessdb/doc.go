// Package accessdb keeps access in SQL: tickets and grants by keyed hashes and
// opaque ids. What works once is claimed by compare-and-swap on used_at.
package accessdb

// Package direct writes lists of plain values as GraphQL's executor would, in
// order and at once.
//
// The generated executor runs every entry of a list on a goroutine of its own
// and every field through a context, which is right for fields that ask
// somebody and dear for those that only read a struct: of a home of eight tiles
// it was a fifth of the whole. For the types named here the selection is
// compiled once for each list, and run over its entries.
//
// Invariants: what is written is byte for byte what the executor writes; only
// fields that ask nobody and cannot fail stand here; what a selection wants
// beyond that is left to the executor.
package direct

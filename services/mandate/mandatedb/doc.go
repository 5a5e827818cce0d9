// Package mandatedb keeps mandates in SQL. It seals nothing: a mandate names
// random ids and what is allowed, and of its code only the keyed hash stands.
package mandatedb

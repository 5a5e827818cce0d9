// Package materialtest holds the contract suite of material.Store, and what
// tests of the room build their world from.
package materialtest

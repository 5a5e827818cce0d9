// Package accesstest has the suite that every store of access passes.
package accesstest

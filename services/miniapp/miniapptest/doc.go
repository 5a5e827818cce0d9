// Package miniapptest builds manifests for tests and holds the contract suite
// of the registry's stores.
package miniapptest

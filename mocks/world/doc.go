// Package world starts the whole outside world on loopback: provinces, an
// identity source, Firebase and Redis, and lays down for the product what an
// operator would: who may sign people in, whose key signs whose manifest, and
// the manifests.
//
// It knows the product's files by their documented form, not by its code.
package world

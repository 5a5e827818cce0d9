// Package verifier is registered organisations that check licences in the
// demonstration: a hotel's desk and a traffic patrol, each with an officer's
// device that holds a key. The devices speak to the product as any other
// party's software would, over OAuth and GraphQL; what the operator registers
// of them is Registered.
//
// All organisations are fictional and say so.
package verifier

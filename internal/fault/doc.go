// Package fault gives every error of the product three readers: a Kind for
// machines, an op for operators and a stable code for clients.
//
// A fault never carries personal data: no name, ID number, phone or token may
// stand in an op, a code or a detail. Faults are logged once, at the edge.
package fault

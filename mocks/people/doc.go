// Package people holds the fictional persons that every mock knows alike: the
// identity source signs them in, provinces hold records of them.
//
// Words: a person's key is a short handle for tests and the demo, never shown
// by the product. Places (area codes, GB/T 2260) are where records of the
// person are kept; the first is home. The certificate key (cert_key) is what
// national user tables hold instead of an ID number.
//
// Invariants: nobody here can be a living person. Every ID number has a valid
// GB 11643 check digit but begins with a province's own code, which no county
// has; every phone begins 1990000; every bank account begins 99.
package people

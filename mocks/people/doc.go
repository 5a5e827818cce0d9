// Package people holds the fictional persons and enterprises that every mock
// knows alike: identity sources sign them in, provinces hold records of them.
//
// Words: a person's key is a short handle for tests and the demo, never shown
// by the product. Places (area codes, GB/T 2260) are where records of the
// person are kept; the first is home. The certificate key (cert_key) is what
// national user tables hold instead of an ID number.
//
// Invariants: nobody here can be a living person. Every ID number has a valid
// GB 11643 check digit but begins with a province's own code, which no county
// has; every phone begins 1990000; every bank account begins 99. Every credit
// code is valid (GB 32100) with an organisation code that begins MY99, which
// nobody has; agents of enterprises are persons of the book.
package people

// Package licence owns how a person's e-licences (电子证照) are seen in one
// shelf, whichever province issued them.
//
// Its words: a Licence is one licence as its source last told it; a Shelf is
// all of a person's; a SourceState says of each source how fresh its part is.
//
// Invariants: a licence past its day is EXPIRED by our clock whatever its
// source says; the id is opaque and says nothing of number or person; a number
// leaves this room only masked; a source that fails never hides another's.
//
// It refuses to know how a source is called and how a licence is drawn.
package licence

// Package onecard lets a person handle a matter with one card (一证通办): given
// who they are and the item, it finds each material before anybody is asked.
//
// Its words: a preflight says of each material whether it was found, and
// where, or who has to give it; a field of the form is prefilled where the
// account knows it.
//
// Invariants: nothing that an authority issued or can check is asked for;
// "not there" and "could not be looked up" are never the same; a submission
// looks again by itself and believes no earlier preflight; it is complete or
// refused with everything that is missing, at once.
//
// It refuses to know what becomes of a case (casework does) and how any
// source is asked.
package onecard

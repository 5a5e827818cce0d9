// Package stage is one page for showing the product: the phone in both modes
// side by side, a verifier, one province's log, switches that take parts of
// the outside world away, and the running counts.
//
// Invariants: every count is read from the histories of the outside world's
// servers when it is asked for, none is kept here; a switch moves the outside
// world alone, never the product; what is a person's to do (withdrawing a
// consent) is done on the phone beside it.
package stage

// Package visit is what a mini-app's back end may ask about the person who has
// opened it: who this is, where their matters with this app stand, what a
// licence says that they agreed to show, and what of a form is known already.
//
// Its words: a visit is a person in a mini-app, from the launch to the end of
// its token; a permit is what request, manifest and consent allow right now; a
// fact is what a licence says of itself, never its number.
//
// Invariants: nothing is told that the permit does not allow, and the permit is
// asked right before; what is told stands in the ledger, under the purpose and
// basis that the person was shown, or it is not told; a mini-app is told of
// matters that it handles itself and of no others, and of no other place where
// the person has records.
//
// It owns no rows. It refuses to know tokens, how licences and cases are found,
// and how a person is reached.
package visit

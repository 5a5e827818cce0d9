// Package licence owns how a person's e-licences (电子证照) are seen in one
// shelf, whichever province issued them, and how one is shown and believed
// (扫码亮证).
//
// Its words: a Licence is one licence as its source last told it; a Shelf is
// all of a person's; a SourceState says of each source how fresh its part is.
// A show code (亮证码) stands for one licence and the fields its holder chose; a
// verifier (核验方) is a registered organisation whose officers redeem codes for
// registered purposes; a check is one redemption and its answer; an approval is
// the holder's word on a check that would tell something sensitive.
//
// Invariants:
//   - a licence past its day is EXPIRED by our clock whatever its source says;
//   - ids and codes are opaque and say nothing of number or person; a code is
//     kept as its keyed hash only;
//   - a number leaves this room only masked, but to a verifier for whom the
//     holder chose it;
//   - a source that fails never hides another's;
//   - at most two codes of one holder, licence and choice of fields live; of
//     any number of redemptions one wins and ends both;
//   - what a check tells stands in the ledger, written in the unit that decides
//     to tell it; a verifier never gets more than registered ∩ chosen;
//   - what a check says is asked of the issuer then, and where the issuer does
//     not answer the check says so instead of guessing.
//
// It refuses to know how a source is called, how a licence is drawn and how an
// officer proves who it is.
package licence

// Package casework owns cases (办件): what a person submitted, to whom, and how
// it moves.
//
// Its words: a case's id is its cooperation number (业务协同编号), the business key
// at both places; the receiving place (收件地) takes the submission, the handling
// place (办理地) decides; a review point (审查要点) is the published rule a
// correction or refusal cites; the receipt is the province's own number; a bill
// is what the province says is due, a payment what became of it, a trade one
// movement of money at the payment platform.
//
// Invariants: a case is stored, entered in the ledger and owed to the province
// in one unit, or not at all; one idempotency key is one case; a province
// hears of a case at least once and acts once, by the cooperation number; a
// case stands in the state of the highest event its own province sent; each
// move is told at most once; nobody learns of another's case, not even that
// it exists. A case that costs something is owed to the province in the unit
// that takes its payment, and not before; it has one order at the platform, and
// is paid by one trade that the platform itself vouched for; every other trade
// goes back, once.
//
// It refuses to know what an item asks for (onecard does), how a province is
// spoken to (province does) and how a person is told (push does).
package casework

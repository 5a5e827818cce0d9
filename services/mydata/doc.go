// Package mydata is what a person may ask of its own data here (个人信息保护法
// §44–47): to have a copy of it, to have it corrected, to have it deleted.
//
// Its words. The copy is one document, or several of one form where there is
// much; the person's ledger has an export of its own, signed. A correction is of
// what the person says itself (phone, bank account); what a source has checked is
// corrected at that source, and the answer says which. A deletion closes the
// account; what the law keeps is kept, and the answer says what.
//
// Its invariants. Only the person itself asks, never who acts for it or for an
// enterprise, in a sign-in of level 3 or above that is five minutes old at most:
// a phone left on a table gives nobody a copy of a life. A deletion is asked for
// in words. Nothing is written down of what a copy held.
//
// It owns no rows and refuses to know how each room keeps what is its own.
package mydata

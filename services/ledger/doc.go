// Package ledger keeps every use of a person's data by others (数据使用台账),
// so that the person can see who received what, for what, and on what basis.
//
// Its words. An entry is one hand-over to one receiver: it names the purpose,
// the item, the case, the names of the fields and the legal basis. A receiver
// is a mini-app, a province, a verifier or a clerk. One's own look at one's
// own data is not a use.
//
// Its invariants. A use that can't be recorded does not happen: Record runs in
// the unit of the hand-over, and its failure undoes it. Entries are appended,
// never changed and never removed; hand-over records must live three years or
// longer and this room has no way to forget one. Each person's entries form a
// chain: an entry's hash covers the entry and the hash before it, keyed, so
// that whoever can write rows but has no key can't make a chain that verifies.
//
// It refuses to know values: an entry holds field names, and what looks like
// a value is refused. It refuses to know who the person is: the subject is a
// random id.
package ledger

// Package ledger keeps every use of a person's data by others (数据使用台账),
// so that the person can see who received what, for what, and on what basis,
// and can show others what they saw.
//
// Its words. An entry is one hand-over to one receiver: it names the purpose,
// the item, the case, the names of the fields and the legal basis. A receiver
// is a mini-app, a province, a verifier or a clerk. One's own look at one's
// own data is not a use. A signed head is the product's signature over a chain
// up to one entry; an export is a person's chain with its signed heads.
//
// Its invariants. A use that can't be recorded does not happen: Record runs in
// the unit of the hand-over, and its failure undoes it. Entries are appended
// and never changed; what is removed is the front of a chain, older than three
// years, where a signed head stands for it (Prune; the engine's own triggers
// hold it, too). Each person's entries form a chain, which is hashed twice:
//   - keyed, as each entry is written: an entry's hash covers the entry and the
//     hash before it, so that whoever can write rows but has no key can't make
//     a chain that verifies. It costs the hand-over nothing and is for us alone;
//   - plain, when a head is signed: SHA-256 over the line that an export has of
//     each entry. A head is signed over it every ten minutes for chains that
//     moved, at each export and before anything is pruned, after the keyed chain
//     was walked. So from then on not even who has all our keys but the signing
//     one can change what was, and who holds an export needs only the public
//     keys. Those of all times are kept and published: a head outlives its key.
//
// What it can't show: that an entry written less than ten minutes ago is the one
// that was written, to somebody who has both the rows and the column keys; and
// an export cut back to what an older export held, which says itself as of when
// it is.
//
// It refuses to know values: an entry holds field names, and what looks like
// a value is refused. It refuses to know who the person is: the subject is a
// random id, and an export has another name for it. It refuses to know keys and
// algorithms of signatures: Signer does.
package ledger

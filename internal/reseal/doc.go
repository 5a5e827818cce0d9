// Package reseal moves a database from one column key to the next (列密钥轮换),
// while the product runs on it.
//
// It owns what the database knows of its keys: the fingerprint of each key that
// may have sealed something, the living processes with the keys they know, and
// how far each column has been walked.
//
// Its words: a value is stale when another key than the current one sealed it; a
// walk seals every stale value of every column anew, in batches; a key is retired
// when no value is left that it sealed.
//
// Invariants:
//   - a process seals by no key whose fingerprint the database does not have, and
//     does not start with a file that lacks one, or holds another by its name;
//   - a value is exchanged only for the one that was read (compare and swap), so
//     what somebody wrote meanwhile stays;
//   - how far a walk came stands in the same unit as the values it wrote: killed
//     at any moment, it goes on from there, or does a batch again without effect;
//   - a key is not retired while a value of it is left, or a process lives that
//     seals by it.
//
// It refuses to know what the values mean, and which tables there are: the rooms
// list their columns (crypt.Column).
package reseal

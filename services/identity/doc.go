// Package identity owns who a person is to the product: accounts, the trusted
// identity sources that vouch for them, real-name levels, and sessions.
//
// Its words. Evidence is what a source says at a sign-in: name, ID number,
// level (实名等级, 2 self-stated to 5 certificate or counter), places. An
// account is one person; its subject is a random id, never an ID number. A
// session is one sign-in on one device at the level of its evidence. A pending
// sign-in is a person on the way to a source and back.
//
// Its invariants. One person has one account, found by a keyed hash of the ID
// number, whichever source vouches. What a person merely states of itself
// (level 2) never opens an account that a source has checked: such an account
// is known by its source's own id alone. A lower level never overwrites what a
// higher one said. Profiles, device labels and what waits are sealed at rest. A
// session ends for good, and its end is in the change log in the same unit. A
// pending sign-in is used once, by the browser that began it, within ten
// minutes.
//
// It refuses to know passwords, what a source is made of (identity/oidcsource
// does), tokens, and what a session may do.
package identity

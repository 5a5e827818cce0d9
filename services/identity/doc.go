// Package identity owns who a person or an enterprise is to the product:
// accounts, the trusted identity sources that vouch for them, real-name levels,
// and sessions.
//
// Its words. A proof is one kind of evidence (ID number, credit code,
// social-security number, a phone that its operator verified) that a source has
// checked. Evidence is what a source says at a sign-in: name, ID number,
// level (实名等级, 2 self-stated to 5 certificate or counter), places. An
// account is one person or one enterprise; its subject is a random id, never an
// ID number or credit code. A session is one sign-in on one device at the level
// of its evidence; for an enterprise an agent (经办人) or its legal
// representative (法定代表人) begins it, as its source says. A pending
// sign-in is a person on the way to a source and back.
//
// Its invariants. One person has one account, found by a keyed hash of the ID
// number, whichever source vouches. What a person merely states of itself
// (level 2) never opens an account that a source has checked: such an account
// is known by its source's own id alone. A lower level never overwrites what a
// higher one said, and of an enterprise neither does a source that is trusted with
// less than another which has proved its credit code. An enterprise is known by
// that code. What its agent may do stands in the session and ends with the
// source's word; what an employer's source says changes nothing in the agent's own
// account. Profiles, device labels and names, and what waits are sealed at rest. A session is
// begun when the person is back from the source and opened when its device is
// first given something; until then it is no sign-in, and after ten minutes it
// can't become one. It ends for good, and its end is in the change log in the same
// unit. A pending sign-in is used once, by the browser that began it, within ten
// minutes.
//
// A phone number is evidence and finds no account, for it may have been another
// person's yesterday: two persons with one number are two accounts. Evidence that
// its operator has verified (运营商核验) for one person takes the number out of the
// profile of whoever had it before, and what a source merely repeats of that
// number brings it back to nobody. Of two sign-ins that bring one number, one waits
// for the other.
//
// A unit that locks several things takes the turns of phone numbers first, then
// accounts, then sessions, and of accounts a person's before that of the enterprise
// it acts for.
//
// It refuses to know passwords, what a source is made of (identity/oidcsource
// does), tokens, and what a session may do.
package identity

// Package mandate owns who may act for whom (授权代办): a parent for a child
// (监护人), family for an elder (亲属代办), a village agent (代办员), a further agent
// of an enterprise.
//
// Its words. The principal (授权人) is for whom is acted, the delegate (代办人) who
// acts. A mandate says what the delegate may do (scopes) and until when. An offer
// is a mandate to which nobody has answered yet; its code is read out or shown
// to the delegate.
//
// Its flow has three steps and one direction: the principal offers and gets a
// code; the delegate takes it by the code; the principal confirms, having seen
// who took it. So both agreed, the principal last, and nobody ever names another
// by an ID number: an answer to such a question would tell who is known here.
// A delegate's own draft is not a way in: what a person is asked to agree to by
// somebody else is how people are cheated.
//
// Its invariants. Nothing is allowed but the scopes, which never change: more is
// another mandate. A mandate stands for a year at most, ends by itself, and is
// ended at once by either side, in the change log in the same unit. A code works
// once, for ten minutes, and is kept as its keyed hash; who guesses is stopped
// after a few tries. Who acts for another can neither make, confirm nor use a
// mandate: nobody hands on what they were given. What a mandate can never give is
// no scope at all: phone, bank account, devices, sign-ins, mandates, sensitive
// consents, the person's own word on a check.
//
// A child of 14 to 17 confirms by its own sign-in. Below that (个人信息保护法 §31) a
// guardian decides, so Guardians must vouch that the delegate is one. What is
// missing is such a source: no province of ours gives 出生医学证明 or 户口簿 of a
// child to its parent yet, and no counter asserts it. Without one a young child
// can be acted for by nobody, rather than by whoever says to be its parent. That
// a village agent was appointed by a village, no source vouches for either: the
// kind is the principal's own word, and changes no right.
//
// It refuses to know what an item or an app is, tokens, and what is done by a
// mandate: each room that does something asks what the request's scopes allow.
package mandate

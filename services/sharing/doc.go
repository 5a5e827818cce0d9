// Package sharing asks the authorities what they can check (数据核验), so that a
// person is not asked to prove it.
//
// Its words: a resource is what can be checked, such as 参保状态; a Result says
// whether it holds, who says so, and how fresh that is.
//
// Invariants: a Result is given for every question, also where nobody answers;
// "does not hold" and "nobody could say" are never the same; an app that
// declares no such check is UNAVAILABLE with CAPABILITY_MISSING.
//
// It refuses to know which materials a check answers and how an app is called.
package sharing

// Package verifier is the back end for the devices of registered organisations
// that check licences: a hotel's desk, a patrol, a bank's counter.
//
// Its screens are one question and its answer: is this licence in force now,
// who says so, how old is that, and what else may this organisation know. An
// officer comes with a token for this front alone, by a signed assertion.
package verifier

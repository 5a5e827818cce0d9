// Package consent owns what a person agreed that others may receive: per
// recipient (a mini-app), purpose and fields (个人信息保护法, PIPL: separate
// consent per recipient and per sensitive use).
//
// Its words. An ask is what a recipient wants, as its manifest declares it. A
// use is one line of it: fields, a purpose, a legal basis, for how many days.
// A use whose basis is "consent" is asked; one with a statutory basis (法定职责)
// is shown with the law and its article, not asked. A use is sensitive when one
// of its fields is of a kind in sensitive.go. A consent is a person's living agreement with one
// recipient: what was asked of it, and what of that was given. The version of
// an ask is the hash of the text that the person sees; the text is kept.
//
// Its invariants. Nobody agrees to what it did not see: an answer carries the
// version it answers, and a changed ask is asked anew, though only where it
// grew: in purpose, fields, time kept or sensitivity, or when another body
// answers for the recipient. Each sensitive use is agreed to by itself (单独同意),
// never within a general list. An agreement lapses, sooner where it is sensitive;
// what has lapsed is not given, and is asked again. A use the service can't do without is given whole or nothing is
// recorded; an optional one may be declined, and is then not asked again.
// Refusing leaves no trace. Withdrawing is as easy as giving, whole or by
// field, and is in the change log in the same unit, so that it reaches every
// process within seconds. A person acting for another can't agree to a
// sensitive use.
//
// It refuses to know manifests, scopes, tokens and the values of fields: its
// caller hands it the ask.
package consent

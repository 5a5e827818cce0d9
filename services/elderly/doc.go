// Package elderly owns the easy profile (长辈版): the few things an older person
// needs, each told in plain words that can be read aloud, and done one thing
// at a time.
//
// Its words: an Entry is one thing of the home screen; a Screen tells one
// thing or asks for one; a Button is one act of the person; a Plan is all acts
// from the home screen to the receipt, with those that were found by data.
//
// Invariants: home has at most MaxEntries entries and never fewer because a
// source fails; a screen asks one thing; nothing is typed; nothing is handed
// over before a screen has said to whom and what, and that very screen was
// agreed to; every word has a text that is heard right, without figures and
// foreign letters; what is not known is said to be not known.
//
// It owns no rows and refuses to know how large a letter is drawn (Display
// says how large it must be at least), how a matter is handled (onecard does)
// and how a province is asked.
package elderly

package consent

import (
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
)

// Bounds of an ask. Our choice: what a person can still read.
const (
	maxUses   = 50
	maxClaims = 50
	maxWords  = 200   // characters of a purpose, a basis, a what
	maxDays   = 36500 // a hundred years
)

// check fails with Invalid CONSENT_ASK_INVALID, naming the part.
func (a Ask) check() error {
	bad := func(part string) error {
		return fault.New("consent.Ask", fault.Invalid, "CONSENT_ASK_INVALID").With("part", part)
	}
	if a.App == "" || !words(a.AppName) || a.OperatorName != "" && !words(a.OperatorName) {
		return bad("app")
	}
	if len(a.Uses) > maxUses {
		return bad("uses")
	}
	for _, u := range a.Uses {
		switch {
		case !words(u.What):
			return bad("what")
		case !words(u.Purpose):
			return bad("purpose")
		case !words(u.Basis):
			return bad("basis")
		case len(u.Claims) == 0 || len(u.Claims) > maxClaims:
			return bad("claims")
		case u.RetentionDays < 0 || u.RetentionDays > maxDays:
			return bad("retention")
		}
		for _, c := range u.Claims {
			if !words(c) {
				return bad("claims")
			}
		}
	}
	return nil
}

// words tells whether s is one short line of text: a manifest must not write
// lines of its own into what the person reads.
func words(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxWords &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' })
}

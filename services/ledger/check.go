package ledger

import (
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
)

const (
	maxFields = 100
	// maxText bounds purpose and basis, maxName a name or an id, in characters.
	// Our choice: all purposes of a mini-app that is opened fit.
	maxText, maxName = 2000, 100
	// A field name has no use for six digits, the shortest personal value
	// there is (a birth date as YYMMDD); a purpose has none for eleven (a phone).
	digitsOfValue, digitsOfPhone = 6, 11
)

// check refuses an entry that does not name the use in full, or that carries
// what looks like a value.
func check(e Entry) error {
	const op = "ledger.Record"
	bad := func(part string) error {
		return fault.New(op, fault.Invalid, "LEDGER_ENTRY_INVALID").With("part", part)
	}
	switch {
	case !named(string(e.Subject), maxName):
		return bad("subject")
	case !e.Receiver.Kind.known() || !named(e.Receiver.ID, maxName) || !named(e.Receiver.Name, maxName):
		return bad("receiver")
	case !named(e.Purpose, maxText) || longestNumber(e.Purpose) >= digitsOfPhone:
		return bad("purpose")
	case !named(e.Basis, maxText):
		return bad("basis")
	case utf8.RuneCountInString(e.Item) > maxName || utf8.RuneCountInString(string(e.Case)) > maxName:
		return bad("item")
	case len(e.Fields) == 0 || len(e.Fields) > maxFields:
		return bad("fields")
	}
	for _, f := range e.Fields {
		if !named(f, maxName) {
			return bad("fields")
		}
		if digits(f) >= digitsOfValue || strings.Contains(f, "@") {
			return fault.New(op, fault.Invalid, "LEDGER_FIELD_IS_VALUE")
		}
	}
	return nil
}

func named(s string, most int) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsRune(s, 0)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

func digits(s string) int {
	n := 0
	for _, r := range s {
		if isDigit(r) {
			n++
		}
	}
	return n
}

func longestNumber(s string) int {
	run, longest := 0, 0
	for _, r := range s {
		if !isDigit(r) {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

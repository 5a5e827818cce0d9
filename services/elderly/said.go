package elderly

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
)

// answers is what the person said so far, by name.
type answers map[string]string

// list gives the answers as a button carries them, in the order of their names.
func (a answers) list() []Said {
	list := []Said{}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		list = append(list, Said{name, a[name]})
	}
	return list
}

// with adds an answer to those there are.
func (a answers) with(name, value string) answers {
	all := maps.Clone(a)
	if all == nil {
		all = answers{}
	}
	all[name] = value
	return all
}

const (
	// maxSaid is how many answers a screen may hang on. Our choice: twice the
	// longest way here.
	maxSaid = 10
	// maxAnswer is how long an answer may be, in characters: a hospital's name.
	maxAnswer = 100
)

var answerName = regexp.MustCompile(`^[a-z_]{1,40}$`)

// read takes what came back from a client, which had it from a button. It
// fails with Invalid EASY_ANSWER_INVALID.
func read(said []Said) (answers, error) {
	all := answers{}
	for _, one := range said {
		_, twice := all[one.Name]
		if twice || !answerName.MatchString(one.Name) || !utf8.ValidString(one.Value) || one.Value == "" ||
			utf8.RuneCountInString(one.Value) > maxAnswer || strings.ContainsRune(one.Value, 0) {
			return nil, fault.New("elderly.read", fault.Invalid, "EASY_ANSWER_INVALID")
		}
		all[one.Name] = one.Value
	}
	if len(said) > maxSaid {
		return nil, fault.New("elderly.read", fault.Invalid, "EASY_ANSWER_INVALID")
	}
	return all, nil
}

// submission is what a confirmed screen hands in; ok is false where the
// answers are not all there.
func submission(kind Kind, said answers) (item ids.ItemID, fields map[string]string, ok bool) {
	fields = map[string]string{}
	take := func(names ...string) bool {
		for _, name := range names {
			if said[name] == "" {
				return false
			}
			fields[name] = said[name]
		}
		return true
	}
	if said["region"] == "" {
		return "", nil, false
	}
	switch kind {
	case Payment:
		return itemPayment, fields, take("amount")
	case Qualification:
		return itemQualification, fields, true
	case Appointment:
		return itemAppointment, fields, take("hospital", "department", "visit_date", "visit_time")
	case Filing:
		return itemFiling, fields, take("care_region", "start_date")
	}
	return "", nil, false
}

package catalogue

import (
	"slices"
	"strings"
)

// basis reads the files' words; none is demonstration, as guides.json says.
func (l *loader) basis(at, said string) Basis {
	switch said {
	case "stated in the source":
		return Stated
	case "demonstration", "":
		return Demonstration
	}
	l.fault("%s: the basis %q", at, said)
	return Demonstration
}

func (l *loader) mode(at, said string) Mode {
	m, ok := map[string]Mode{"全程网办": FullyOnline, "异地代收代办": ReceivedElsewhere, "多地联办": JointlyHandled}[said]
	if !ok {
		l.fault("%s: the mode %q", at, said)
	}
	return m
}

func (l *loader) subject(at, said string) Subject {
	return Subject(l.one(at, "subject", said, string(Person), string(Enterprise)))
}

func (l *loader) prefill(at, said string) Prefill {
	if said == "" {
		return NoPrefill
	}
	return Prefill(l.one(at, "prefill", said, string(NoPrefill), string(PrefillName), string(PrefillIDNumber), string(PrefillPhone), string(PrefillBankAccount),
		string(PrefillAgentName), string(PrefillCreditCode), string(PrefillLegalRepresentative), string(PrefillRegion)))
}

// one reads a word of a closed list; the files write them small.
func (l *loader) one(at, what, said string, of ...string) string {
	word := strings.ToUpper(said)
	if !slices.Contains(of, word) || word == said {
		l.fault("%s: the %s %q", at, what, said)
	}
	return word
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

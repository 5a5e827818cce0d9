package consent

import (
	"slices"
	"strings"
)

// Kind is a kind of sensitive personal information (敏感个人信息).
type Kind string

// sensitiveWords are the words of field names that tell a sensitive kind. The
// kinds are of PIPL art. 28, which names biometrics, specific identities,
// health, financial accounts, whereabouts and children under fourteen, and of
// what the field treats so beside it (GB/T 35273 appendix B: ID photo,
// disability, the ID number itself).
var sensitiveWords = []struct {
	kind  Kind
	words []string
}{
	{"biometric", []string{"face", "fingerprint", "iris", "voiceprint", "palmprint", "biometric"}},
	{"id_photo", []string{"photo", "portrait"}},
	{"id_number", []string{"id_number", "passport_number"}},
	{"disability", []string{"disability", "disabled"}},
	{"health", []string{"health", "medical", "diagnosis", "disease", "vaccination", "prescription", "pregnancy"}},
	{"whereabouts", []string{"whereabouts", "location", "track", "itinerary"}},
	{"under_14", []string{"child", "children", "minor", "birth_licence"}},
	{"financial_account", []string{"bank_account", "bank_card", "account_balance"}},
	{"religion", []string{"religion", "ethnicity_belief"}},
}

// Sensitive gives the sensitive kind that a field is of; "" where it is none.
// It goes by whole words of the name, so licence_disability is of a kind and
// interface is not.
func Sensitive(claim string) Kind {
	name := "_" + claim + "_"
	for _, s := range sensitiveWords {
		if slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(name, "_"+w+"_") }) {
			return s.kind
		}
	}
	return ""
}

// AnySensitive tells whether a use of these fields is sensitive.
func AnySensitive(claims []string) bool {
	return slices.ContainsFunc(claims, func(c string) bool { return Sensitive(c) != "" })
}

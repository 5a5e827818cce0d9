package onecard

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
)

// facts are what is known of who applies.
type facts struct {
	identity.Profile
	agent  string // who handles it: the person, or who acts for it
	region ids.AreaCode
}

func (a asked) facts() facts {
	f := facts{Profile: a.account.Profile, agent: a.account.Profile.Name}
	if a.agent != "" {
		f.agent = a.agent
	}
	if a.account.Kind == identity.Enterprise {
		if len(a.account.Places) > 0 {
			f.region = a.account.Places[0].Province()
		}
	}
	return f
}

// masked gives the facts as a form shows them.
func (f facts) masked() facts {
	return facts{Profile: f.Profile.Masked(), agent: realname.MaskName(f.agent), region: f.region}
}

// known gives what the facts answer; empty where they do not.
func known(what catalogue.Prefill, p facts) string {
	switch what {
	case catalogue.PrefillName:
		return p.Name
	case catalogue.PrefillAgentName:
		return p.agent
	case catalogue.PrefillCreditCode:
		return p.Company.CreditCode
	case catalogue.PrefillLegalRepresentative:
		return p.Company.LegalRepresentative
	case catalogue.PrefillRegion:
		return string(p.region)
	case catalogue.PrefillIDNumber:
		return p.IDNumber
	case catalogue.PrefillPhone:
		return p.Phone
	case catalogue.PrefillBankAccount:
		return p.BankAccount
	}
	return ""
}

func fields(g catalogue.Guide, all facts) []Field {
	masked := all.masked()
	out := []Field{}
	for _, f := range g.Fields {
		display := known(f.Prefill, masked)
		out = append(out, Field{
			Name: f.Name, Label: f.Label, Kind: f.Kind, Required: f.Required, Basis: f.Basis,
			Prefilled: display != "", DisplayValue: display,
			Editable: display == "" || f.Prefill == catalogue.PrefillPhone,
		})
	}
	return out
}

// complete gives the form's values: what the person said, and for the rest
// what the account knows. It fails with Invalid FIELD_INVALID (a value out of
// shape, a field that the form does not have, or one that only the account
// answers) or FIELD_MISSING, each naming all such fields at once.
func (s *Service) complete(g catalogue.Guide, all facts, said map[string]string) (map[string]string, error) {
	const op = "onecard.complete"
	values := map[string]string{}
	var invalid, missing []string
	for _, f := range g.Fields {
		own := known(f.Prefill, all)
		v, given := said[f.Name]
		v = strings.TrimSpace(v)
		switch {
		case v == "" && own != "":
			values[f.Name] = own
		case v == "" && f.Required:
			missing = append(missing, f.Name)
		case v == "":
		case given && own != "" && f.Prefill != catalogue.PrefillPhone, !s.fits(f.Kind, v):
			invalid = append(invalid, f.Name)
		default:
			values[f.Name] = v
		}
	}
	if foreign := len(said) - count(g.Fields, said); foreign > 0 {
		invalid = append(invalid, "?") // a name from outside is not repeated to it
	}
	if len(invalid) > 0 {
		return nil, fault.New(op, fault.Invalid, "FIELD_INVALID").With("fields", strings.Join(invalid, ","))
	}
	if len(missing) > 0 {
		return nil, fault.New(op, fault.Invalid, "FIELD_MISSING").With("fields", strings.Join(missing, ","))
	}
	return values, nil
}

// count tells how many of the said fields the form has.
func count(fields []catalogue.Field, said map[string]string) int {
	n := 0
	for name := range said {
		if slices.ContainsFunc(fields, func(f catalogue.Field) bool { return f.Name == name }) {
			n++
		}
	}
	return n
}

const maxText = 200

var (
	mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	amount = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`)
)

// fits tells whether a value has its field's shape.
func (s *Service) fits(kind catalogue.FieldKind, v string) bool {
	switch kind {
	case catalogue.DateField:
		_, err := time.Parse(time.DateOnly, v)
		return err == nil
	case catalogue.RegionField:
		_, err := s.d.Catalogue.Region(ids.AreaCode(v))
		return err == nil
	case catalogue.PhoneField:
		return mobile.MatchString(v)
	case catalogue.AmountField:
		return amount.MatchString(v)
	}
	return utf8.ValidString(v) && utf8.RuneCountInString(v) <= maxText && !strings.ContainsFunc(v, unseen)
}

// unseen tells of a character that is not read where it stands: it breaks the
// line, turns the order round or can't be seen. Values stand within documents
// that are signed, which would say something else than what is read, or have a
// clause more. What joins letters of some scripts is part of their words.
func unseen(r rune) bool {
	joins := r == '\u200c' || r == '\u200d' || r == '\u180e'
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !joins
}

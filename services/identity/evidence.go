package identity

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity/realname"
)

const (
	maxName   = 100 // characters; names of ethnic groups and foreigners are long
	maxPlaces = 100 // a person with records in every province has 34
	maxSub    = 255 // OpenID Connect Core §2
)

// socialSecurityForm is what a social-security number looks like: 18 digits or
// capitals. A citizen's is the ID number; foreigners have one of their own kind.
var socialSecurityForm = regexp.MustCompile(`^[0-9A-Z]{18}$`)

// valid gives the evidence in its normal form. It fails with Invalid
// EVIDENCE_INVALID, naming the part that does not hold.
func (e Evidence) valid(now time.Time) (Evidence, realname.IDNumber, error) {
	bad := func(part string) (Evidence, realname.IDNumber, error) {
		return Evidence{}, "", fault.New("identity.SignedIn", fault.Invalid, "EVIDENCE_INVALID").With("part", part)
	}
	if e.Source == "" || e.ExternalSub == "" || len(e.ExternalSub) > maxSub {
		return bad("source")
	}
	e.Name = strings.TrimSpace(e.Name)
	if e.Name == "" || !utf8.ValidString(e.Name) || utf8.RuneCountInString(e.Name) > maxName {
		return bad("name")
	}
	number, err := realname.ParseIDNumber(e.IDNumber, now)
	if err != nil {
		return bad("id_number")
	}
	e.IDNumber = string(number)
	if e.Level < LevelStated || e.Level > LevelCertified {
		return bad("level")
	}
	e.Phone = compact(e.Phone)
	if !goodPhone(e.Phone) {
		return bad("phone")
	}
	e.PhoneVerified = e.PhoneVerified && e.Phone != "" && e.Level >= LevelChecked
	e.SocialSecurity = strings.ToUpper(compact(e.SocialSecurity))
	if e.SocialSecurity != "" && !socialSecurityForm.MatchString(e.SocialSecurity) {
		return bad("social_security_number")
	}
	if len(e.CertKey) > maxSub {
		return bad("cert_key")
	}
	if len(e.Places) > maxPlaces {
		return bad("places")
	}
	for _, p := range e.Places {
		if !digitsOnly(string(p), 6, 6) {
			return bad("places")
		}
	}
	e.Places = union(e.Places, nil)
	if e.For.CreditCode == "" && e.For.Role == "" {
		return e, number, nil
	}
	if e.Level < LevelChecked { // nobody knows who would act
		return Evidence{}, "", fault.New("identity.SignedIn", fault.Forbidden, "SOURCE_LEVEL_TOO_LOW")
	}
	if part := e.For.normalise(now); part != "" {
		return bad(part)
	}
	return e, number, nil
}

// normalise gives the represented enterprise its normal form, and names the
// part that does not hold; "" when all does.
func (r *Represented) normalise(now time.Time) string {
	code, err := realname.ParseCreditCode(r.CreditCode)
	if err != nil {
		return "credit_code"
	}
	r.CreditCode, r.Name, r.Phone = string(code), strings.TrimSpace(r.Name), compact(r.Phone)
	if r.Name == "" {
		return "enterprise_name"
	}
	for _, text := range []string{r.Name, r.Type, r.LegalRepresentative} {
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxName {
			return "enterprise_name"
		}
	}
	switch {
	case !r.Role.Known():
		return "role"
	case !r.Until.IsZero() && !r.Until.After(now):
		return "role_until"
	case !goodPhone(r.Phone):
		return "enterprise_phone"
	case len(r.CertKey) > maxSub:
		return "cert_key"
	case len(r.Places) > maxPlaces, slices.ContainsFunc(r.Places, func(p ids.AreaCode) bool { return !digitsOnly(string(p), 6, 6) }):
		return "places"
	}
	r.Places = union(r.Places, nil)
	return ""
}

// merge gives a as the evidence leaves it: the profile follows it unless a
// higher level said otherwise before, and no place is lost. Who signs in for an
// enterprise brings nothing into its own account but itself: what an employer's
// source knows is the employer's. It brings no CertKey either, by which
// authorities find records, and any source of persons may correct what it said.
func merge(a Account, e Evidence) Account {
	a.Kind = Person
	if e.For.CreditCode != "" && a.Subject != "" && a.Checked() {
		return a
	}
	if e.For.CreditCode != "" {
		e.Phone, e.PhoneVerified, e.Places, e.CertKey, e.Level = "", false, nil, "", LevelChecked
	}
	if e.Level < a.Level {
		a.Places = union(a.Places, e.Places)
		return a
	}
	a.Level = e.Level
	a.Places = union(e.Places, a.Places)
	a.Profile.Name, a.Profile.IDNumber = e.Name, e.IDNumber
	if e.Phone != "" && (!a.Profile.PhoneOwn || e.PhoneVerified) {
		a.Profile.Phone, a.Profile.PhoneOwn = e.Phone, false
	}
	if e.CertKey != "" {
		a.CertKey = e.CertKey
	}
	return a
}

func same(a, b Account) bool {
	return a.Kind == b.Kind && a.Level == b.Level && a.CertKey == b.CertKey && a.Profile == b.Profile && slices.Equal(a.Places, b.Places)
}

// union gives first's and then second's places, each once.
func union(first, second []ids.AreaCode) []ids.AreaCode {
	all := make([]ids.AreaCode, 0, len(first)+len(second))
	for _, p := range slices.Concat(first, second) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// compact drops the spaces and hyphens that people put into numbers.
func compact(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }

// goodPhone tells whether a compact phone number may be one; none is good too.
func goodPhone(s string) bool { return s == "" || digitsOnly(strings.TrimPrefix(s, "+"), 5, 20) }

func digitsOnly(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

package licence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
	"github.com/tongban/tongban/services/province"
)

// china is where a licence's day ends: the country has one zone.
var china = time.FixedZone("CST", 8*60*60)

// binder puts what the sources list into one shelf.
type binder struct {
	s        *Service
	account  identity.Account
	now      time.Time
	licences []bound
	at       map[string]int // type and number → place in licences
}

// bound is a licence with what only its holder lets out.
type bound struct {
	Licence
	number string // in full
	place  ids.AreaCode
	source int
}

// bind adds one source's list. A licence that stands already, by type and
// number, is replaced by a newer one. The number alone would not do: an
// identity card and a driver's licence carry the same.
func (b *binder) bind(src source, at int, r province.Reading) {
	list, _ := r.Value["licences"].([]any)
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			continue
		}
		number := member(m, "number")
		if number == "" {
			continue // nothing to know it by
		}
		kind := cmp.Or(member(m, "type_code"), member(m, "type_name"))
		l := b.licence(m, kind+"/"+number)
		l.Province, l.App, l.AsOf, l.Freshness = src.Place.Province(), src.App.ID, r.AsOf, r.Freshness
		one := bound{Licence: l, number: number, place: src.Place, source: at}
		known, again := b.at[kind+"/"+number]
		switch {
		case !again:
			b.at[kind+"/"+number] = len(b.licences)
			b.licences = append(b.licences, one)
		case newer(l, b.licences[known].Licence):
			b.licences[known] = one
		}
	}
}

func newer(a, b Licence) bool {
	if c := cmp.Compare(a.IssuedOn, b.IssuedOn); c != 0 {
		return c > 0
	}
	return a.AsOf.After(b.AsOf)
}

func (b *binder) licence(m map[string]any, named string) Licence {
	l := Licence{
		ID:       ids.LicenceID("lic_" + b.s.d.Index("licence.id", string(b.account.Subject)+"/"+named)),
		Number:   realname.MaskIDNumber(member(m, "number")),
		TypeCode: member(m, "type_code"), TypeName: member(m, "type_name"), Name: member(m, "name"),
		Issuer: member(m, "issuer"), MaskedHolder: b.maskedHolder(member(m, "masked_holder")),
		Status: status(member(m, "status")),
	}
	var ok bool
	if l.IssuedOn, ok = date(member(m, "issued_on")); !ok {
		l.IssuedOn = ""
	}
	if l.ExpiresOn, ok = date(member(m, "expires_on")); !ok && l.Status == Valid {
		l.Status = Unknown // valid until a day nobody can read
	}
	if l.Status == Valid && l.ExpiresOn != "" && l.ExpiresOn < today(b.now) {
		l.Status = Expired // whatever the source says
	}
	return l
}

// sorted gives the licences by source, then type, then id.
func (b *binder) sorted() []bound {
	slices.SortFunc(b.licences, func(x, y bound) int {
		return cmp.Or(cmp.Compare(x.source, y.source), cmp.Compare(x.TypeName, y.TypeName), cmp.Compare(x.ID, y.ID))
	})
	return b.licences
}

func status(s string) Status {
	switch st := Status(strings.ToUpper(s)); st {
	case Valid, Revoked, Suspended, Expired:
		return st
	}
	return Unknown
}

// date reads a day; "" and 长期 (long-term) have no end and are fine.
func date(s string) (Date, bool) {
	if s == "" || s == "长期" {
		return "", true
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", false
	}
	return Date(s), true
}

// tomorrow is when the day ends in China.
func tomorrow(now time.Time) time.Time {
	y, m, d := now.In(china).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, china)
}

func today(now time.Time) Date { return Date(now.In(china).Format(time.DateOnly)) }

// maskedHolder does not trust a source to have masked. An enterprise's name is
// public.
func (b *binder) maskedHolder(s string) string {
	if b.account.Kind == identity.Enterprise {
		return b.account.Profile.Name
	}
	if s == "" || strings.Contains(s, "*") {
		return s
	}
	return realname.MaskName(s)
}

func member(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

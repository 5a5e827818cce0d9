package oidcsource

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
)

// ours are the claims we read, by the names under which a source says them
// where its configuration names no others.
var ours = map[string]string{
	"name": "name", "id_number": "id_number", "phone_number": "phone_number", "cert_key": "cert_key",
	"phone_number_verified": "phone_number_verified", "social_security_number": "social_security_number",
	"gov_level": "gov_level", "places": "places",
	// What a legal persons' source says of the enterprise.
	"credit_code": "credit_code", "enterprise_name": "enterprise_name", "enterprise_type": "enterprise_type",
	"legal_representative": "legal_representative", "enterprise_phone": "enterprise_phone", "enterprise_cert_key": "enterprise_cert_key",
	"enterprise_places": "enterprise_places", "role": "role", "role_until": "role_until",
}

// said is what a source says, in the ID token or by userinfo, in its own names.
type said map[string]any

// at gives the value at a name, in which dots lead into objects.
func (s said) at(path string) (any, bool) {
	if v, ok := s[path]; ok { // a name that holds a dot, as an address does
		return v, v != nil
	}
	var now any = map[string]any(s)
	for part := range strings.SplitSeq(path, ".") {
		members, ok := now.(map[string]any)
		if !ok {
			return nil, false
		}
		if now, ok = members[part]; !ok {
			return nil, false
		}
	}
	return now, now != nil
}

// claims reads what a source said in the words of its configuration.
type claims struct {
	c    Config
	said []said // the signed one first
	bad  error
}

// value gives the first that says something: what is signed goes before what is not.
func (r *claims) value(name string) (any, bool) {
	path := r.c.claim(name)
	for _, s := range r.said {
		if v, ok := s.at(path); ok && v != "" {
			return v, true
		}
	}
	return nil, false
}

func (r *claims) text(name string) string {
	v, ok := r.value(name)
	if !ok {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	r.bad = fmt.Errorf("%s is no text", name)
	return ""
}

// yes reads a statement: true, or the words of it that sources of text have.
func (r *claims) yes(name string) bool {
	v, ok := r.value(name)
	if !ok {
		return false
	}
	switch fmt.Sprint(v) {
	case "true", "1", "Y", "是":
		return true
	}
	return false
}

// level reads the real-name level, in the source's own words where it has some;
// a word that the configuration does not know proves nothing.
func (r *claims) level() int {
	v, ok := r.value("gov_level")
	if !ok {
		return 0
	}
	if len(r.c.Levels) > 0 {
		return r.c.Levels[fmt.Sprint(v)]
	}
	if n, isNumber := v.(json.Number); isNumber {
		if level, err := n.Int64(); err == nil && level >= 0 && level <= identity.LevelCertified {
			return int(level)
		}
	}
	r.bad = fmt.Errorf("the level is no level")
	return 0
}

func (r *claims) places(name string) []ids.AreaCode {
	v, ok := r.value(name)
	if !ok {
		return nil
	}
	if one, isText := v.(string); isText {
		v = []any{one}
	}
	list, isList := v.([]any)
	places := make([]ids.AreaCode, 0, len(list))
	for _, one := range list {
		place, isText := one.(string)
		isList = isList && isText
		places = append(places, ids.AreaCode(place))
	}
	if !isList {
		r.bad = fmt.Errorf("%s is no list of area codes", name)
		return nil
	}
	return places
}

// represented reads for which enterprise the person signed in.
func (r *claims) represented() identity.Represented {
	word := r.text("role")
	role := ids.Role(word)
	if len(r.c.Roles) > 0 {
		role = r.c.Roles[word]
	}
	e := identity.Represented{
		CreditCode: r.text("credit_code"), Name: r.text("enterprise_name"), Type: r.text("enterprise_type"),
		LegalRepresentative: r.text("legal_representative"), Phone: r.text("enterprise_phone"), CertKey: r.text("enterprise_cert_key"),
		Places: r.places("enterprise_places"), Role: role,
	}
	if until := r.text("role_until"); until != "" {
		t, err := time.Parse(time.RFC3339, until)
		if err != nil {
			r.bad = fmt.Errorf("role_until is no moment")
		}
		e.Until = t
	}
	return e
}

// incomplete tells whether what is signed leaves out something that userinfo
// may say. A value that is there and empty was said.
func (r *claims) incomplete() bool {
	wanted := []string{"name", "id_number", "gov_level", "phone_number", "places"}
	if r.c.Kind == KindEnterprise {
		wanted = []string{"name", "id_number", "gov_level", "credit_code", "enterprise_name", "role"}
	}
	for _, name := range wanted {
		if _, has := r.said[0].at(r.c.claim(name)); !has {
			return true
		}
	}
	return false
}

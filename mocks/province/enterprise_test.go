package province_test

import (
	"slices"
	"testing"
)

func TestAnEnterprisesRecordsAreItsOwn(t *testing.T) {
	w := newWorld(t, nil)
	for _, p := range w.country.Provinces() {
		if !slices.Contains([]string{"310000", "320000", "340000"}, p.Code()) {
			continue
		}
		for _, e := range w.book.EnterprisesIn(p.Code()) {
			who := e.Party()
			shape, owner, code := w.ask(p, "licence.list", who, nil, "")
			list, _ := shape["licences"].([]any)
			if code != "" || owner != who.IDNumber && owner != who.CertKey() || len(list) == 0 {
				t.Errorf("%s, %s: %d licences of %q, code %q", p.Code(), e.Key, len(list), owner, code)
			}
			for _, l := range list {
				if m, _ := l.(map[string]any); m["masked_holder"] != e.Name {
					t.Errorf("%s: the holder is %v", p.Code(), m["masked_holder"])
				}
			}
			for _, name := range []string{"enterprise_insurance", "check.单位参保状态", "case.list"} {
				if shape, owner, code := w.ask(p, name, who, nil, ""); code != "" || owner != who.IDNumber && owner != who.CertKey() || len(shape) == 0 {
					t.Errorf("%s, %s: %v of %q, code %q", p.Code(), name, shape, owner, code)
				}
			}
		}
	}
	for _, who := range w.book.All() {
		if who.Enterprise() {
			t.Errorf("%s counts as an enterprise", who.Key)
		}
	}
}

package province_test

import "testing"

func TestAMatterTellsWhatItCostItsApplicant(t *testing.T) {
	w := newWorld(t, nil, "540000")
	p, zhang := w.province("540000"), w.person("zhang")
	s := w.submission(p, "TB-1")
	s["fields"] = map[string]any{"purpose": "出国", "phone": zhang.Phone}
	s["materials"] = []any{
		map[string]any{"name": "身份证", "how": "LICENCE"}, map[string]any{"name": "照片", "how": "UPLOAD"},
	}
	w.ask(p, "case.submit", zhang, s, "TB-1")
	w.ask(p, "case.submit", zhang, s, "TB-1")
	got := p.Counts().Matters
	if len(got) != 1 || got[0].Cases != 1 || got[0].Materials != 1 || got[0].Fields != 1 {
		t.Errorf("one case with one photograph and one word gives %+v", got)
	}
}

package province_test

import (
	"testing"

	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
)

func (w *world) slots(p *province.Province) []any {
	w.t.Helper()
	shape, _, code := w.ask(p, "slots", people.Person{}, nil, "")
	list, _ := shape["slots"].([]any)
	if code != "" {
		w.t.Fatalf("%s gives no hours: %s", p.Code(), code)
	}
	return list
}

func (w *world) booking(p *province.Province, number string, slot map[string]any) map[string]any {
	in := w.submission(p, number)
	at := slot["starts_at"].(string)
	in["item"] = "hospital-appointment"
	in["fields"] = map[string]any{"hospital": slot["hospital"], "department": slot["department"], "visit_date": at[:10], "visit_time": at[11:16]}
	return in
}

func TestAnHourIsGivenOnce(t *testing.T) {
	for _, area := range []string{"410000", "320000", "420000"} {
		t.Run(area, func(t *testing.T) {
			w := newWorld(t, nil, area)
			p, wu, zhao := w.province(area), w.person("wu"), w.person("zhao")
			free := w.slots(p)
			if len(free) != 54 {
				t.Fatalf("%d hours are free", len(free))
			}
			slot := free[7].(map[string]any)
			if _, _, code := w.ask(p, "case.submit", wu, w.booking(p, "TB-1", slot), "TB-1"); code != "" {
				t.Fatalf("the first is refused: %s", code)
			}
			if _, _, code := w.ask(p, "case.submit", wu, w.booking(p, "TB-1", slot), "TB-1"); code != "" {
				t.Errorf("the same case again is refused: %s", code)
			}
			_, _, code := w.ask(p, "case.submit", zhao, w.booking(p, "TB-2", slot), "TB-2")
			known := false
			for _, e := range read(t, p).Connector.Capabilities["case.submit"].Errors {
				known = known || e.Code == code && e.Kind == "Invalid"
			}
			if !known {
				t.Errorf("a second booking of one hour: %q, which the manifest says nothing of", code)
			}
			if _, taken := p.Case("TB-2"); taken || len(w.slots(p)) != 53 {
				t.Error("the hour was given twice, or stays free")
			}
			never := map[string]any{"hospital": slot["hospital"], "department": slot["department"], "starts_at": "2020-01-01T08:30:00+08:00"}
			if _, _, code := w.ask(p, "case.submit", zhao, w.booking(p, "TB-3", never), "TB-3"); code == "" {
				t.Error("an hour that there is none of was given")
			}
		})
	}
}

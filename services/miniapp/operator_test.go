package miniapp_test

import (
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

// demand: D42
func TestAnOperatorClaimsNoMoreThanItWasGiven(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	regions := func(areas ...any) func(m map[string]any) { return func(m map[string]any) { m["gov_regions"] = areas } }
	kind := func(k string) func(m map[string]any) {
		return func(m map[string]any) { miniapptest.At(t, m, "gov_operator")["kind"] = k }
	}
	id := func(app string) func(m map[string]any) { return func(m map[string]any) { m["app_id"] = app } }
	child := func(area string) func(m map[string]any) {
		return func(m map[string]any) {
			miniapptest.At(t, m, "gov_connector")["child_endpoints"] = []any{map[string]any{"area": area, "base_url": "https://p41.example.cn/x"}}
		}
	}
	for name, c := range map[string]struct {
		change func(m map[string]any)
		code   string
	}{
		"its province":            {regions("410000"), ""},
		"a county of it":          {regions("410105"), ""},
		"another province":        {regions("410000", "310000"), "MANIFEST_REGION_NOT_ALLOWED"},
		"a county of another":     {regions("310101"), "MANIFEST_REGION_NOT_ALLOWED"},
		"a child's area":          {child("410100"), ""},
		"a child's area of other": {child("310100"), "MANIFEST_INVALID"}, // not even its own gov_regions name it
		"another kind":            {kind("national_system"), "MANIFEST_KIND_NOT_ALLOWED"},
		"another's app id":        {id("cn.gov.other.p41"), "MANIFEST_APP_NOT_ALLOWED"},
		"a name that looks alike": {id("cn.gov.tester.p41"), "MANIFEST_APP_NOT_ALLOWED"},
	} {
		_, err := p.Check(w.Signed(t, c.change))
		refused := (fault.Is(err, fault.Forbidden) || c.code == "MANIFEST_INVALID") && fault.CodeOf(err) == c.code
		if c.code == "" && err != nil || c.code != "" && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEntryThatGivesNothingOrNonsenseIsNoticed(t *testing.T) {
	good := miniapptest.NewOperator(t).Registered(t)
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(r *miniapp.Registered){
		"no key":          func(r *miniapp.Registered) { r.JWKS = miniapp.JWKS{} },
		"no ES256 key":    func(r *miniapp.Registered) { r.JWKS.Keys[0].Crv = "P-384" },
		"no kind":         func(r *miniapp.Registered) { r.Kinds = nil },
		"an unknown kind": func(r *miniapp.Registered) { r.Kinds = []miniapp.OperatorKind{"provinces"} },
		"no app":          func(r *miniapp.Registered) { r.Apps = nil },
		"every app":       func(r *miniapp.Registered) { r.Apps = []string{"."} },
		"no area code":    func(r *miniapp.Registered) { r.Regions = []ids.AreaCode{"41"} },
	} {
		bad := miniapptest.NewOperator(t).Registered(t)
		spoil(&bad)
		if bad.Validate() == nil {
			t.Error(name)
		}
	}
}

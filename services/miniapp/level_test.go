package miniapp_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

// demand: D13
func TestADeclaredLevelIsWhatTheManifestHolds(t *testing.T) {
	w := miniapptest.NewWorld(t)
	p := w.Process(t, miniapp.Config{})
	type members = map[string]any
	capability := func(name string) func(t *testing.T, m members) {
		return func(t *testing.T, m members) {
			t.Helper()
			miniapptest.At(t, m, "gov_connector", "capabilities")[name] = members{"method": "POST", "path": "/x", "owner": "answer.a", "answer": "{}"}
		}
	}
	closed := func(t *testing.T, m members) {
		t.Helper()
		token := miniapptest.At(t, m, "gov_token")
		delete(token, "initiate_login_uri")
		delete(token, "redirect_uris")
		delete(token, "scopes")
	}
	bare := func(t *testing.T, m members) {
		t.Helper()
		m["gov_tiles"], m["gov_services"] = []any{}, []any{}
	}
	type change = func(t *testing.T, m members)
	for level, c := range map[string]struct{ good, bad []change }{
		"user_authentication":     {nil, []change{closed}},
		"data_sharing":            {[]change{closed}, []change{bare}},
		"service_interface":       {[]change{closed, capability("case.submit")}, []change{closed}},
		"licence_recognition":     {[]change{closed, capability("licence.list")}, []change{closed}},
		"application_integration": {nil, []change{bare}},
		"application_aggregation": {[]change{capability("case.list")}, []change{}},
	} {
		for want, changes := range map[string][]change{"": c.good, "MANIFEST_INVALID": c.bad} {
			_, err := p.Check(w.Signed(t, func(m members) {
				m["gov_level"] = level
				for _, f := range changes {
					f(t, m)
				}
			}))
			f, _ := errors.AsType[*fault.Error](err)
			told := f != nil && f.Code == want && (f.Detail["/gov_level"] != "" || f.Detail["/gov_token"] != "")
			if want == "" && err != nil || want != "" && !told {
				t.Errorf("%s, %d changes: %v", level, len(changes), err)
			}
		}
	}
}

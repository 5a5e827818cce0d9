package journey_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/services/miniapp/miniapptest"
)

func TestAPlugInStandsWhereTheSettingAllows(t *testing.T) {
	for _, c := range []struct {
		hosts []string
		taken bool
	}{{nil, true}, {[]string{"example.cn"}, true}, {[]string{"gov.cn"}, false}} {
		st := start(t, setting{areas: []string{henan}})
		st.close()
		operator := miniapptest.NewOperator(t)
		path := filepath.Join(st.conf.Registry, "operators.json")
		operators := map[string]any{}
		must(t, config.ReadJSON(path, &operators))
		operators[miniapptest.CreditCode] = operator.Registered(t)
		raw, err := json.Marshal(operators)
		must(t, err)
		must(t, os.WriteFile(path, raw, 0o600))
		manifest := operator.Sign(t, withoutCapabilities(t, operator.Manifest(t, "https://p41.example.cn")))
		must(t, os.WriteFile(filepath.Join(st.conf.Registry, "manifests", "elsewhere.json"), manifest, 0o600))
		st.conf.PluginHosts = c.hosts
		st.run(st.listen("127.0.0.1:0"))
		if refused := strings.Contains(st.logs.String(), "elsewhere.json"); refused == c.taken {
			t.Errorf("%v: refused is %v", c.hosts, refused)
		}
	}
}

func withoutCapabilities(t *testing.T, m map[string]any) map[string]any {
	t.Helper()
	miniapptest.At(t, m, "gov_connector")["capabilities"], m["gov_tiles"] = map[string]any{}, []any{}
	return m
}

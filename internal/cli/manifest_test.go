package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cli"
)

const examples = "../../docs/examples/province/"

// run gives the exit code of a command line, and all that it wrote.
func run(args ...string) (code int, said string) {
	var out bytes.Buffer
	code = cli.Main(args, &out, &out)
	return code, out.String()
}

// example gives a manifest of the guide, changed.
func example(t *testing.T, name string, change func(m map[string]any)) string {
	t.Helper()
	raw, err := os.ReadFile(examples + name)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	if raw, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// demand: D22, D42
func TestTheGuidesManifestsAreWellAndUnderstandTheirAnswers(t *testing.T) {
	for name, try := range map[string]struct {
		args []string
		says []string
	}{
		"rest.json":       {[]string{"social_security", "--answer", examples + "rest.answer.json"}, []string{"账户余额 1234.50 元", "正常"}},
		"envelope.json":   {[]string{"social_security", "--answer", examples + "envelope.answer.json"}, []string{"账户余额 1234.50 元"}},
		"gbk.json":        {[]string{"social_security", "--answer", examples + "gbk.answer.json"}, []string{"账户余额 1234.50 元", "charset=gb18030"}},
		"pinyin-xml.json": {[]string{"licence.list", "--answer", examples + "pinyin-xml.answer.xml"}, []string{"居民身份证", "<SFZH>410000199001010014</SFZH>", "not told:   居住证 (SOURCE_DOWN) 该记录正在核对"}},
		"cities.json":     {[]string{"housing_fund", "--answer", examples + "rest.answer.json"}, []string{"公积金余额 1234.50 元"}},
		"mini-app.json":   {[]string{"social_security"}, []string{"asked:      POST /social-security"}},
	} {
		if code, said := run("app", "check", examples+name); code != 0 || !strings.Contains(said, "is well") {
			t.Errorf("check %s: %s", name, said)
		}
		code, said := run(append([]string{"app", "try", examples + name}, try.args...)...)
		for _, want := range try.says {
			if code != 0 || !strings.Contains(said, want) {
				t.Errorf("try %s: no %q in %s", name, want, said)
			}
		}
	}
}

// demand: D13
func TestAnEngineerIsToldWhereTheDeclaredLevelIsNotKept(t *testing.T) {
	for level, missing := range map[string]string{
		"user_authentication":     "gov_token",
		"service_interface":       "case.submit",
		"licence_recognition":     "licence.list",
		"application_integration": "gov_token",
		"application_aggregation": "gov_token",
		"data_sharing":            "",
	} {
		path := example(t, "rest.json", func(m map[string]any) { m["gov_level"] = level })
		code, said := run("app", "check", path)
		if missing == "" && code != 0 || missing != "" && (code == 0 || !strings.Contains(said, missing)) {
			t.Errorf("%s: %d %s", level, code, said)
		}
	}
}

func TestWhatIsWrongIsToldAtItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m map[string]any)
		says   string
	}{
		"over-asking":       {func(m map[string]any) { m["gov_token"].(map[string]any)["scopes"] = []any{"openid", "phone"} }, "/gov_token/scopes/1: asks for the claim phone_number"},
		"a foreign city":    {func(m map[string]any) { child(m)["area"] = "640100" }, "/gov_connector/child_endpoints/0/area: lies in none of gov_regions"},
		"a city's http":     {func(m map[string]any) { child(m)["base_url"] = "http://api.xining.example.com" }, "/gov_connector/child_endpoints/0/base_url: must be https"},
		"a city's question": {func(m map[string]any) { child(m)["capabilities"] = []any{"tax"} }, "/gov_connector/child_endpoints/0/capabilities/0: no such capability"},
	} {
		file := "cities.json"
		if name == "over-asking" {
			file = "mini-app.json" // the one with scopes
		}
		if code, said := run("app", "check", example(t, file, c.change)); code != 1 || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %s", name, code, said)
		}
	}
}

func child(m map[string]any) map[string]any {
	return m["gov_connector"].(map[string]any)["child_endpoints"].([]any)[0].(map[string]any)
}

func TestASignedManifestIsItsOperatorsAlone(t *testing.T) {
	dir := t.TempDir()
	if code, said := run("app", "key", dir); code != 0 {
		t.Fatal(said)
	}
	if code, said := run("app", "key", dir); code == 0 {
		t.Errorf("a key was written over: %s", said)
	}
	signed, pem := filepath.Join(dir, "signed.json"), filepath.Join(dir, "operator-1.key.pem")
	if code, said := run("app", "sign", examples+"rest.json", "--key", pem, "-o", signed); code != 0 {
		t.Fatal(said)
	}
	keys, err := os.ReadFile(filepath.Join(dir, "operator-1.jwks.json"))
	if err != nil {
		t.Fatal(err)
	}
	operators := filepath.Join(dir, "operators.json")
	register := func(code string) {
		t.Helper()
		entry := `{"` + code + `": {"jwks": ` + string(keys) + `, "kinds": ["province"], "regions": ["630000"], "apps": ["cn.gov.example.p63"]}}`
		if err := os.WriteFile(operators, []byte(entry), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	register("11630000MY9908019J")
	if code, said := run("app", "check", signed, "--operators", operators); code != 0 || strings.Contains(said, "not checked") {
		t.Errorf("%d %s", code, said)
	}
	raw, err := os.ReadFile(signed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(signed, bytes.Replace(raw, []byte("800"), []byte("900"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run("app", "check", signed, "--operators", operators); code != 1 || !strings.Contains(said, "MANIFEST_SIGNATURE_INVALID") {
		t.Errorf("changed after signing: %d %s", code, said)
	}
	register("11640000MY9904480U")
	if code, said := run("app", "check", signed, "--operators", operators); code != 1 || !strings.Contains(said, "MANIFEST_OPERATOR_UNKNOWN") {
		t.Errorf("not registered: %d %s", code, said)
	}
}

package province_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
)

// mapped runs a manifest's expression, as whoever reads the manifest would.
func mapped(t *testing.T, expression string, vars map[string]any) any {
	t.Helper()
	env, err := cel.NewEnv(ext.Strings(), cel.Variable("answer", cel.DynType), cel.Variable("input", cel.DynType),
		cel.Variable("person", cel.MapType(cel.StringType, cel.StringType)), cel.Variable("key", cel.StringType))
	if err != nil {
		t.Fatal(err)
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		t.Fatalf("%s: %v", expression, issues.Err())
	}
	program, err := env.Program(ast, cel.CostLimit(100_000))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"answer": nil, "input": map[string]any{}, "person": map[string]string{}, "key": ""}
	for k, v := range vars {
		all[k] = v
	}
	out, _, err := program.Eval(all)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	native, err := out.ConvertToNative(jsonValueType)
	if err != nil {
		t.Fatal(err)
	}
	return native.(*structpb.Value).AsInterface()
}

// ask does one capability by its manifest: our shape, the owner, the error code.
func (w *world) ask(p *province.Province, name string, who people.Person, input map[string]any, key string) (shape map[string]any, owner, code string) {
	w.t.Helper()
	c := read(w.t, p).Connector.Capabilities[name]
	person := map[string]string{"id_number": who.IDNumber, "name": who.Name, "cert_key": who.CertKey()}
	body, err := p.Written(mapped(w.t, c.Request, map[string]any{"person": person, "input": input, "key": key}))
	if err != nil {
		w.t.Fatal(err)
	}
	status, raw, err := w.call(context.Background(), p, name, body, key, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := p.Heard(raw)
	if err != nil {
		w.t.Fatalf("%s %s: status %d, no answer", p.Code(), name, status)
	}
	vars := map[string]any{"answer": answer}
	code = mapped(w.t, c.Error, vars).(string)
	if code != "" {
		return nil, "", code
	}
	if c.Owner != "" {
		switch said := mapped(w.t, c.Owner, vars).(type) {
		case string:
			owner = said
		case []any: // one for each record; a test of one person takes the first
			owner, _ = said[0].(string)
		}
	}
	shape, _ = mapped(w.t, c.Answer, vars).(map[string]any)
	return shape, owner, ""
}

func (w *world) submission(p *province.Province, number string) map[string]any {
	return map[string]any{
		"case": number, "item": "no-criminal-record-certificate", "region": p.Code(), "receiving_region": "310000",
		"fields":    map[string]any{"purpose": "示例"},
		"materials": []any{map[string]any{"name": "居民身份证", "how": "licence", "ref": "r1"}, map[string]any{"name": "声明", "how": "sign"}},
	}
}

func texts(t *testing.T, where string, m map[string]any, members ...string) {
	t.Helper()
	for _, name := range members {
		if s, ok := m[name].(string); !ok || s == "" {
			t.Errorf("%s: %s is %v", where, name, m[name])
		}
	}
}

var (
	dayForm    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	amountForm = regexp.MustCompile(` \d+\.\d{2} 元$`)
)

func checkTile(t *testing.T, where string, shape map[string]any) {
	t.Helper()
	headline, _ := shape["headline"].(string)
	if !amountForm.MatchString(headline) {
		t.Errorf("%s: headline without an amount", where)
	}
	lines, _ := shape["lines"].([]any)
	if len(lines) != 3 {
		t.Fatalf("%s: %d lines", where, len(lines))
	}
	for _, line := range lines {
		texts(t, where, line.(map[string]any), "label", "value")
	}
}

func checkBill(t *testing.T, where string, shape map[string]any) {
	t.Helper()
	texts(t, where, shape, "title", "pay_before")
	if amount := fmt.Sprint(shape["amount"]); amount != "400" && amount != "400.00" {
		t.Errorf("%s: amount %s", where, amount)
	}
	until, _ := shape["pay_before"].(string)
	if _, err := time.Parse(time.RFC3339, until); err != nil {
		t.Errorf("%s: %v", where, err)
	}
}

func checkLicences(t *testing.T, where string, shape map[string]any) {
	t.Helper()
	list, _ := shape["licences"].([]any)
	if len(list) == 0 {
		t.Fatalf("%s: none", where)
	}
	for _, one := range list {
		l := one.(map[string]any)
		texts(t, where, l, "number", "type_name", "issuer", "status", "masked_holder")
		expires, _ := l["expires_on"].(string)
		if issued, _ := l["issued_on"].(string); !dayForm.MatchString(issued) || (expires != "" && !dayForm.MatchString(expires)) {
			t.Errorf("%s: dates %v %v", where, l["issued_on"], l["expires_on"])
		}
		if number, _ := l["number"].(string); !province.ValidLicenceIdentifier(number) {
			t.Errorf("%s: %v is no identifier", where, l["number"])
		}
		if !slices.Contains([]string{"VALID", "REVOKED", "SUSPENDED", "EXPIRED"}, l["status"].(string)) {
			t.Errorf("%s: status %v", where, l["status"])
		}
	}
}

func checkCases(t *testing.T, where string, shape map[string]any, number string) {
	t.Helper()
	list, _ := shape["cases"].([]any)
	found := false
	for _, one := range list {
		c := one.(map[string]any)
		texts(t, where, c, "number", "title", "state", "updated_at")
		if _, err := time.Parse(time.RFC3339, c["updated_at"].(string)); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		found = found || (c["number"] == number && c["state"] == "SUBMITTED")
	}
	if !found {
		t.Errorf("%s: the submitted case is not listed", where)
	}
}

func TestEveryManifestMapsItsOwnAnswers(t *testing.T) {
	w := newWorld(t, nil)
	wu := w.person("wu") // known everywhere
	for _, p := range w.country.Provinces() {
		m := read(t, p)
		number := "TB-" + p.Code() + "-1"
		shape, owner, code := w.ask(p, "case.submit", wu, w.submission(p, number), number)
		if code != "" || (owner != wu.IDNumber && owner != wu.CertKey()) {
			t.Fatalf("%s: a submission fails with %q, or is of somebody else", p.Code(), code)
		}
		texts(t, p.Code(), shape, "receipt")
		c, _ := p.Case(number)
		if len(c.Materials) != 2 || c.Materials[0]["ref"] != "r1" || c.Fields["purpose"] != "示例" || c.Receiving != "310000" {
			t.Errorf("%s: the submission lost something on its way", p.Code())
		}
		for name := range m.Connector.Capabilities {
			where := p.Code() + " " + name
			if slices.Contains([]string{"slots", "medical_insurance", "qualification", "enterprise_insurance"}, name) {
				continue // of the household's place, or of nobody: slots_test.go, medical_test.go; or of enterprises: enterprise_test.go
			}
			if name == "case.submit" || (name == "licence.list" && !slices.Contains([]string{"110000", "310000", "330000", "440000", "540000", "660000"}, p.Code())) {
				continue
			}
			shape, owner, code := w.ask(p, name, wu, nil, "")
			if code != "" || (owner != wu.IDNumber && owner != wu.CertKey()) {
				t.Errorf("%s: fails with %q, or is about somebody else", where, code)
				continue
			}
			switch {
			case name == "licence.list":
				checkLicences(t, where, shape)
			case name == "case.list":
				checkCases(t, where, shape, number)
			case strings.HasPrefix(name, "check."):
				if _, ok := shape["holds"].(bool); !ok {
					t.Errorf("%s: holds is %v", where, shape["holds"])
				}
				texts(t, where, shape, "statement")
			case strings.HasPrefix(name, "bill."):
				checkBill(t, where, shape)
			case name == "household": // a record for each line, no amount
				if lines, _ := shape["lines"].([]any); len(lines) != 3 {
					t.Errorf("%s: %v", where, shape)
				}
			default:
				checkTile(t, where, shape)
			}
		}
	}
}

func TestEveryLicenceOfTheDataIsTold(t *testing.T) {
	w := newWorld(t, nil)
	status := map[string]int{}
	for _, p := range w.country.Provinces() {
		for _, who := range w.book.In(p.Code()) {
			shape, _, code := w.ask(p, "licence.list", who, nil, "")
			if code != "" {
				t.Fatalf("%s: %q", p.Code(), code)
			}
			list, _ := shape["licences"].([]any)
			if len(list) > 0 {
				checkLicences(t, p.Code()+" "+who.Key, shape)
			}
			for _, l := range list {
				status[l.(map[string]any)["status"].(string)]++
			}
		}
	}
	if len(status) != 4 {
		t.Errorf("not every status occurs: %v", status)
	}
}

func TestErrorsComeByTheManifestsTable(t *testing.T) {
	w := newWorld(t, nil)
	stranger := people.Person{Name: "无此人", IDNumber: "11010519491231002X"}
	for _, p := range w.country.Provinces() {
		_, _, code := w.ask(p, "licence.list", stranger, nil, "")
		kind := ""
		for _, e := range read(t, p).Connector.Capabilities["licence.list"].Errors {
			if e.Code == code {
				kind = e.Kind
			}
		}
		if kind != "NotFound" {
			t.Errorf("%s: a stranger gives %q, which is %q", p.Code(), code, kind)
		}
	}
}

func TestAnswersAreTheSameEachTime(t *testing.T) {
	one, two := newWorld(t, nil, "410000"), newWorld(t, nil, "410000")
	zhang := one.person("zhang")
	a, _, _ := one.ask(one.province("410000"), "social_security", zhang, nil, "")
	b, _, _ := two.ask(two.province("410000"), "social_security", zhang, nil, "")
	c, _, _ := two.ask(two.province("410000"), "social_security", two.person("wang"), nil, "")
	if a["headline"] != b["headline"] || a["headline"] == c["headline"] {
		t.Error("records are not their person's own")
	}
}

func TestEnvelopeRefusesWhatThePlatformDidNotSign(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	sid, secret := read(t, p).Connector.Auth.SID, w.country.Secrets()[p.AppID()]
	body := []byte(`{"idNumber":"` + w.person("zhang").IDNumber + `"}`)
	code := func(change func(http.Header)) float64 {
		status, raw, err := w.call(context.Background(), p, "licence.list", body, "", change)
		var answer struct{ Code float64 }
		if err != nil || json.Unmarshal(raw, &answer) != nil || status != http.StatusOK {
			t.Fatalf("status %d: %v", status, err)
		}
		return answer.Code
	}
	if got := code(nil); got != 200 {
		t.Errorf("a right signature gives %v", got)
	}
	for name, spoil := range map[string]func(http.Header){
		"another secret":   func(h http.Header) { w.envelope(h, sid, w.clock(), "other") },
		"another service":  func(h http.Header) { w.envelope(h, "demo99", w.clock(), secret) },
		"too old":          func(h http.Header) { w.envelope(h, sid, w.clock().Add(-5*time.Minute-time.Second), secret) },
		"too new":          func(h http.Header) { w.envelope(h, sid, w.clock().Add(5*time.Minute+time.Second), secret) },
		"another time":     func(h http.Header) { h.Set("gjzwfwpt_rtime", "1") },
		"no signature":     func(h http.Header) { h.Del("gjzwfwpt_sign") },
		"another platform": func(h http.Header) { h.Set("gjzwfwpt_rid", "other") },
	} {
		if got := code(spoil); got != 300 {
			t.Errorf("%s gives %v", name, got)
		}
	}
}

func TestAssertionIsRefusedUnlessThePlatformMadeItForThis(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	body := []byte(`{"sfzh":"` + w.person("zhang").IDNumber + `"}`)
	status := func(token string) int {
		got, _, err := w.call(context.Background(), p, "licence.list", body, "", func(h http.Header) { h.Set("Authorization", "Bearer "+token) })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := status(w.product.assertion(p.AppID(), nil)); got != http.StatusOK {
		t.Errorf("a right token gives %d", got)
	}
	now := w.clock()
	for name, spoil := range map[string]func(jwt.MapClaims){
		"another audience": func(c jwt.MapClaims) { c["aud"] = "cn.gov.demo.p31" },
		"another issuer":   func(c jwt.MapClaims) { c["iss"] = "http://127.0.0.1:1" },
		"another subject":  func(c jwt.MapClaims) { c["sub"] = "http://127.0.0.1:1" },
		"no end":           func(c jwt.MapClaims) { delete(c, "exp") },
		"ended":            func(c jwt.MapClaims) { c["exp"] = now.Add(-time.Minute).Unix() },
		"too long":         func(c jwt.MapClaims) { c["exp"] = now.Add(2 * time.Minute).Unix() },
		"no id":            func(c jwt.MapClaims) { delete(c, "jti") },
		"of the future":    func(c jwt.MapClaims) { c["iat"] = now.Add(time.Minute).Unix() },
	} {
		if got := status(w.product.assertion(p.AppID(), spoil)); got != http.StatusUnauthorized {
			t.Errorf("a token %s gives %d", name, got)
		}
	}
	claims := jwt.MapClaims{"iss": w.product.url, "sub": w.product.url, "aud": p.AppID(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": "x"}
	for _, typ := range []string{"at+jwt", "JWT", "", "Client-Authentication+JWT"} {
		if got := status(w.product.sign(typ, claims)); got != http.StatusUnauthorized {
			t.Errorf("a token of type %q gives %d", typ, got)
		}
	}
	idToken := w.product.sign("JWT", jwt.MapClaims{"iss": w.product.url, "sub": w.product.url, "aud": p.AppID(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": "y", "nonce": "n", "auth_time": now.Unix()})
	if got := status(idToken); got != http.StatusUnauthorized {
		t.Errorf("an ID token gives %d", got)
	}
	if got := status("x"); got != http.StatusUnauthorized {
		t.Errorf("no token at all gives %d", got)
	}
}

func TestNewKeyOfThePlatformIsFetched(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p := w.province("410000")
	zhang := w.person("zhang")
	for range 3 {
		if _, _, code := w.ask(p, "licence.list", zhang, nil, ""); code != "" {
			t.Fatal(code)
		}
	}
	if w.product.fetches != 1 {
		t.Errorf("keys fetched %d times", w.product.fetches)
	}
	w.product.rotate("k2")
	if _, _, code := w.ask(p, "licence.list", zhang, nil, ""); code != "" || w.product.fetches != 2 {
		t.Errorf("after a rotation: %q, %d fetches", code, w.product.fetches)
	}
}

func TestIssuerMayBeKnownLater(t *testing.T) {
	w := newWorld(t, func(c *province.Config) { c.Issuer = "" }, "410000")
	p := w.province("410000")
	body := []byte(`{"sfzh":"` + w.person("zhang").IDNumber + `"}`)
	if status, _, _ := w.call(context.Background(), p, "licence.list", body, "", nil); status != http.StatusUnauthorized {
		t.Errorf("without an issuer: %d", status)
	}
	w.country.SetIssuer(w.product.url)
	if status, _, _ := w.call(context.Background(), p, "licence.list", body, "", nil); status != http.StatusOK {
		t.Errorf("with it: %d", status)
	}
}

package mapping_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

func program(t *testing.T, c miniapp.Capability) *mapping.Program {
	t.Helper()
	m, err := mapping.New()
	if err != nil {
		t.Fatal(err)
	}
	app := miniapp.App{ID: "a.b", Digest: "1", Manifest: &miniapp.Manifest{Connector: miniapp.Connector{Capabilities: map[string]miniapp.Capability{"x": c}}}}
	p, err := m.Program(app, "x")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestARequestIsMadeOfPersonInputAndKey(t *testing.T) {
	p := program(t, miniapp.Capability{Request: `{'id': person.id_number, 'n': person.name, 'c': person.cert_key, 'f': input.fields, 'k': key}`, Answer: "{}"})
	body, err := p.Request(mapping.Vars{IDNumber: "1", Name: "李", CertKey: "c", Key: "k1", Input: map[string]any{"fields": map[string]any{"a": []any{"b", int64(3), true, nil}}}})
	want := `{"c":"c","f":{"a":["b",3,true,null]},"id":"1","k":"k1","n":"李"}`
	if err != nil || string(body) != want {
		t.Fatalf("%s %v", body, err)
	}
}

func TestAnAnswerBecomesOurShapeAndLongNumbersStayWhole(t *testing.T) {
	p := program(t, miniapp.Capability{Owner: "answer.list.map(x, x.id)", Error: "answer.code != 200 ? string(answer.code) : ''",
		Answer: `{'licences': answer.list.map(x, {'number': string(x.no), 'state': x.?state.orValue('-')})}`})
	answer := map[string]any{"code": int64(200), "list": []any{map[string]any{"id": "A", "no": int64(123456789012345678)}}}
	if code, err := p.Code(answer, 200); code != "" || err != nil {
		t.Fatalf("%q %v", code, err)
	}
	got, err := p.Read(answer, 200)
	want := map[string]any{"licences": []any{map[string]any{"number": "123456789012345678", "state": "-"}}}
	if err != nil || !reflect.DeepEqual(got.Value, want) || !reflect.DeepEqual(got.Owners, []string{"A"}) {
		t.Fatalf("%+v %v", got, err)
	}
	if code, err := p.Code(map[string]any{"code": int64(300)}, 200); code != "300" || err != nil {
		t.Fatalf("%q %v", code, err)
	}
}

func TestExpressionsThatDoNotCompileAreTold(t *testing.T) {
	m, err := mapping.New()
	if err != nil {
		t.Fatal(err)
	}
	faults := m.Check("x", miniapp.Capability{Request: "answer.x", Owner: "person.name", Answer: "{", Error: "''"})
	if len(faults) != 3 || faults["request"] == "" || faults["owner"] == "" || faults["answer"] == "" {
		t.Fatalf("%v", faults)
	}
	if faults := m.Check("x", miniapp.Capability{Request: "{'a': person.id_number}", Answer: "{'headline': answer.a}"}); len(faults) != 0 {
		t.Fatalf("%v", faults)
	}
}

func TestNoExpressionWorksLong(t *testing.T) {
	many := make([]any, 2000)
	for i := range many {
		many[i] = int64(i)
	}
	for name, text := range map[string]string{
		"cost": "{'a': answer.all(x, answer.all(y, x + y >= 0))}",
		"size": "{'a': answer.map(x, answer.map(y, y))}",
	} {
		p := program(t, miniapp.Capability{Answer: text})
		if _, err := p.Read(many, 200); err == nil {
			t.Errorf("%s: no limit", name)
		}
	}
}

func TestAResultOfAnotherShapeIsRefused(t *testing.T) {
	for name, c := range map[string]miniapp.Capability{
		"answer no object": {Answer: "'x'"},
		"owner a number":   {Answer: "{}", Owner: "1"},
		"owner of numbers": {Answer: "{}", Owner: "[1]"},
		"keys of numbers":  {Answer: "{1: 2}"},
	} {
		if _, err := program(t, c).Read(map[string]any{}, 200); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestANewManifestReplacesTheOldPrograms(t *testing.T) {
	m, err := mapping.New()
	if err != nil {
		t.Fatal(err)
	}
	app := func(digest, answer string) miniapp.App {
		return miniapp.App{ID: "a.b", Digest: digest, Manifest: &miniapp.Manifest{Connector: miniapp.Connector{Capabilities: map[string]miniapp.Capability{"x": {Answer: answer}}}}}
	}
	for digest, want := range map[string]string{"1": "one", "2": "two"} {
		p, err := m.Program(app(digest, "{'a': '"+want+"'}"), "x")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Read(nil, 200); err != nil || got.Value["a"] != want {
			t.Fatalf("%v %v", got, err)
		}
	}
	if _, err := m.Program(app("1", "{}"), "y"); err == nil || strings.Contains(err.Error(), "{}") {
		t.Fatal(err)
	}
}

package front_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/operations"
)

// registered are documents by id; it counts how often it is asked.
type registered struct {
	byID  map[string]operations.Document
	asked int
}

func (r *registered) Find(_ context.Context, id string) (operations.Document, bool) {
	r.asked++
	d, ok := r.byID[id]
	return d, ok
}

func (r *registered) add(name, body string) string {
	id := front.ID(body)
	r.byID[id] = operations.Document{ID: id, Name: name, Type: "query", Body: body}
	return id
}

// sender gives one front, to send several bodies to.
func sender(t *testing.T, s *stage) func(body string) string {
	t.Helper()
	h, err := front.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	return func(body string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, post(strings.NewReader(body)))
		return w.Body.String()
	}
}

func TestARegisteredDocumentRunsInProduction(t *testing.T) {
	s := newStage(t, config.Production)
	teams := &registered{byID: map[string]operations.Document{}}
	s.Registered = teams
	send := sender(t, s)
	body := "query Mine { me { name } }"
	persisted := `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + front.ID(body) + `"}}}`
	if got := send(persisted); !strings.Contains(got, "OPERATION_UNKNOWN") {
		t.Fatalf("before it is registered: %s", got)
	}
	teams.add("Mine", body)
	for _, sent := range []string{persisted, `{"query":"` + body + `"}`} {
		if got := send(sent); !strings.Contains(got, `"data"`) {
			t.Errorf("%s: %s", sent, got)
		}
	}
	if last := s.seen[len(s.seen)-1]; last.Operation != "Mine" {
		t.Errorf("counted as %s", last.Operation)
	}
	if teams.asked > 2 {
		t.Errorf("looked for %d times", teams.asked)
	}
}

// A document that the schema has outgrown is as unknown as any other.
func TestARegisteredDocumentThatNoLongerFitsIsUnknown(t *testing.T) {
	s := newStage(t, config.Production)
	teams := &registered{byID: map[string]operations.Document{}}
	s.Registered = teams
	id := teams.add("Old", "query Old { me { shoeSize } }")
	send := sender(t, s)
	for range 2 {
		if got := send(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + id + `"}}}`); !strings.Contains(got, "OPERATION_UNKNOWN") {
			t.Error(got)
		}
	}
	if teams.asked != 1 {
		t.Errorf("parsed %d times", teams.asked)
	}
}

func TestADocumentIsCheckedAgainstSchemaAndLimits(t *testing.T) {
	s := newStage(t, config.Dev)
	for name, c := range map[string]struct{ operation, kind, body, want string }{
		"fits":          {"A", "query", "query A { me { id } }", ""},
		"syntax":        {"A", "query", "query A { me {", "line 1"},
		"another name":  {"B", "query", "query A { me { id } }", "is query A in its text, query B in the manifest"},
		"another type":  {"A", "mutation", "query A { me { id } }", "mutation A in the manifest"},
		"two":           {"A", "query", "query A { me { id } } query B { me { id } }", "has 2 operations"},
		"unknown field": {"A", "query", "query A { me { shoeSize } }", "shoeSize"},
		"of another":    {"A", "query", "query A { audit { at } }", "audit"},
		"introspection": {"A", "query", "query A { __schema { types { name } } }", "INTROSPECTION_OFF"},
		"too deep":      {"A", "query", "query A { me " + strings.Repeat("{ friend ", 12) + "{ id }" + strings.Repeat("}", 12) + " }", "TOO_DEEP, limit 10"},
		"too costly":    {"A", "query", "query A($n: Int) { list(first: $n) { friend { friend { friend { friend { id name friend { id } } } } } a: id b: id c: id d: id e: id f: id g: id h: id i: id j: id k: id l: id m: id n: id } }", "COST_TOO_HIGH, cost "},
	} {
		got := front.Check(s.Schema, operations.Document{Name: c.operation, Type: c.kind, Body: c.body})
		if c.want == "" && len(got) > 0 || c.want != "" && !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

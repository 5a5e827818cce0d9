package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/graph"
)

func own(t *testing.T) []*ast.Definition {
	t.Helper()
	var out []*ast.Definition
	for _, d := range graph.Schema().Types {
		if !d.BuiltIn && !strings.HasPrefix(d.Name, "__") {
			out = append(out, d)
		}
	}
	if len(out) < 50 {
		t.Fatalf("only %d types", len(out))
	}
	return out
}

func rootFields(t *testing.T) map[string]*ast.FieldDefinition {
	t.Helper()
	out := map[string]*ast.FieldDefinition{}
	s := graph.Schema()
	for _, root := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		if root == nil {
			continue
		}
		for _, f := range root.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				out[root.Name+"."+f.Name] = f
			}
		}
	}
	return out
}

func TestEveryRootFieldSaysWhoMayAskAndWhere(t *testing.T) {
	for name, f := range rootFields(t) {
		who, public := 0, f.Directives.ForName("public") != nil
		for _, directive := range []string{"signedIn", "officer", "visiting", "public"} {
			if f.Directives.ForName(directive) != nil {
				who++
			}
		}
		if who != 1 {
			t.Errorf("%s needs exactly one of @signedIn, @officer, @visiting and @public", name)
		}
		if public && strings.HasPrefix(name, "Mutation.") {
			t.Errorf("%s: nobody changes anything unknown", name)
		}
		if f.Directives.ForName("front") == nil {
			t.Errorf("%s carries no @front", name)
		}
	}
}

// A home of many sources must not go down with one of them.
func TestAQueryThatFailsTakesNothingElseWithIt(t *testing.T) {
	for name, f := range rootFields(t) {
		if strings.HasPrefix(name, "Query.") && f.Type.NonNull {
			t.Errorf("%s can't be null: its failure would empty the whole answer", name)
		}
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	for _, d := range own(t) {
		if d.Description == "" {
			t.Errorf("%s is not described", d.Name)
		}
		for _, f := range d.Fields {
			if f.Description == "" && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s is not described", d.Name, f.Name)
			}
			for _, a := range f.Arguments {
				if a.Description == "" && a.Name != "input" && !strings.HasPrefix(f.Name, "__") {
					t.Errorf("%s.%s(%s:) is not described", d.Name, f.Name, a.Name)
				}
			}
		}
		for _, v := range d.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s is not described", d.Name, v.Name)
			}
		}
	}
}

func TestAMutationHasOneInputAndOnePayloadOfItsOwn(t *testing.T) {
	for name, f := range rootFields(t) {
		if !strings.HasPrefix(name, "Mutation.") {
			continue
		}
		base := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if len(f.Arguments) != 1 || f.Arguments[0].Type.String() != base+"Input!" || f.Type.String() != base+"Payload!" {
			t.Errorf("%s", name)
		}
	}
}

func TestAConnectionIsARelayConnection(t *testing.T) {
	s := graph.Schema()
	for name, f := range rootFields(t) {
		connection := strings.HasSuffix(f.Type.Name(), "Connection")
		if paged := f.Arguments.ForName("first") != nil; paged != connection {
			t.Errorf("%s: first and a connection belong together", name)
		}
		if !connection {
			continue
		}
		edges, info := s.Types[f.Type.Name()].Fields.ForName("edges"), s.Types[f.Type.Name()].Fields.ForName("pageInfo")
		if edges == nil || info == nil || info.Type.String() != "PageInfo!" || f.Arguments.ForName("after") == nil {
			t.Errorf("%s is no connection", name)
			continue
		}
		edge := s.Types[edges.Type.Name()]
		if edge.Fields.ForName("cursor").Type.String() != "String!" || edge.Fields.ForName("node") == nil {
			t.Errorf("%s is no edge", edge.Name)
		}
	}
}

// The lists that stay below 50 by their nature. A new one is added here with thought.
func TestAListThatCanPass50IsAPage(t *testing.T) {
	short := []string{"Query.sessions", "Query.homeTiles", "Query.homeReminders", "Query.regions", "Query.identitySources", "Query.approvals", "Query.easyHelpers", "Subscription.approvalsChanged"}
	for name, f := range rootFields(t) {
		if f.Type.Elem != nil && !slices.Contains(short, name) {
			t.Errorf("%s is a bare list", name)
		}
	}
}

// What is open to who acts by a mandate, and by what. A new one is added here
// with thought; whatever is not here is closed to them.
func TestDelegatesReachTheseFieldsAlone(t *testing.T) {
	open := map[string]string{
		"Query.me": "[ANY]", "Query.mandate": "[ANY]", "Query.mandateActs": "[ANY]",
		"Query.homeTiles": "[SPACE]", "Query.homeLicences": "[SPACE]", "Query.homeCases": "[SPACE]", "Query.homeReminders": "[SPACE]",
		"Query.cases": "[SPACE]", "Query.case": "[SPACE,MATTER]", "Subscription.caseChanged": "[SPACE,MATTER]",
		"Query.licence": "[LICENCE]", "Mutation.showLicence": "[LICENCE]",
		"Query.preflight": "[MATTER]", "Mutation.submitMatter": "[MATTER]", "Mutation.payCase": "[MATTER]",
		"Query.upload": "[MATTER]", "Mutation.requestUpload": "[MATTER]",
		"Query.documentToSign": "[MATTER]", "Query.signature": "[MATTER]", "Mutation.signDocument": "[MATTER]",
		"Query.consentRequest": "[APP]", "Mutation.giveConsent": "[APP]", "Mutation.openMiniApp": "[APP]",
	}
	seen := map[string]bool{}
	for name, f := range rootFields(t) {
		d := f.Directives.ForName("signedIn")
		if d == nil {
			continue
		}
		got := ""
		if a := d.Arguments.ForName("acting"); a != nil {
			got = a.Value.String()
		}
		if got != open[name] {
			t.Errorf("%s is open to %q, want %q", name, got, open[name])
		}
		seen[name] = got != ""
	}
	for name := range open {
		if !seen[name] {
			t.Errorf("%s is not open", name)
		}
	}
}

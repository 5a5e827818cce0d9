package mobile_test

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/graph"
)

// rootQueries gives, for each root field that needs somebody, a document that
// asks for it.
func rootQueries(s *ast.Schema) map[string]string {
	out := map[string]string{}
	all := graph.Schema()
	for keyword, root := range map[string]*ast.Definition{"query": s.Query, "mutation": s.Mutation} {
		for _, f := range root.Fields {
			tagged := all.Types[root.Name].Fields.ForName(f.Name)
			if strings.HasPrefix(f.Name, "__") || tagged.Directives.ForName("public") != nil {
				continue
			}
			out[f.Name] = keyword + " { " + f.Name + arguments(s, f.Arguments) + " { __typename } }"
		}
	}
	return out
}

func arguments(s *ast.Schema, as ast.ArgumentDefinitionList) string {
	var parts []string
	for _, a := range as {
		if a.Type.NonNull && a.DefaultValue == nil {
			parts = append(parts, a.Name+": "+value(s, a.Type))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func value(s *ast.Schema, t *ast.Type) string {
	if t.Elem != nil {
		return "[]"
	}
	d := s.Types[t.Name()]
	switch {
	case d.Kind == ast.Enum:
		return d.EnumValues[0].Name
	case d.Kind == ast.InputObject:
		var parts []string
		for _, f := range d.Fields {
			if f.Type.NonNull {
				parts = append(parts, f.Name+": "+value(s, f.Type))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case d.Name == "AreaCode":
		return `"410000"`
	case d.Name == "DateTime":
		return `"2026-03-01T08:00:00Z"`
	case d.Name == "Int":
		return "1"
	}
	return `"x"`
}

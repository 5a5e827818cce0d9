package front

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// assemble makes a schema of the kept types. The language's own scalars and
// introspection types always belong to it.
func (f *filter) assemble() *ast.Schema {
	out := &ast.Schema{Types: f.kept, Directives: map[string]*ast.DirectiveDefinition{}, Description: f.src.Description,
		PossibleTypes: map[string][]*ast.Definition{}, Implements: map[string][]*ast.Definition{}}
	for name, d := range f.src.Types {
		if (d.BuiltIn || meta(name)) && f.kept[name] == nil {
			f.kept[name] = copyDefinition(d)
		}
	}
	for _, d := range f.kept {
		d.Interfaces = slices.DeleteFunc(d.Interfaces, f.missing)
		d.Types, d.TypePositions = slices.DeleteFunc(d.Types, f.missing), nil
	}
	for name, d := range f.src.Directives {
		if slices.Contains(published, name) {
			out.Directives[name] = d
		}
	}
	out.PossibleTypes, out.Implements = f.related(f.src.PossibleTypes), f.related(f.src.Implements)
	for _, r := range []struct{ from, to **ast.Definition }{
		{&f.src.Query, &out.Query}, {&f.src.Mutation, &out.Mutation}, {&f.src.Subscription, &out.Subscription}} {
		if *r.from != nil {
			*r.to = f.kept[(*r.from).Name]
		}
	}
	return out
}

func (f *filter) missing(name string) bool { return f.kept[name] == nil }

func (f *filter) related(src map[string][]*ast.Definition) map[string][]*ast.Definition {
	out := map[string][]*ast.Definition{}
	for name, ds := range src {
		if f.missing(name) {
			continue
		}
		for _, d := range ds {
			if c := f.kept[d.Name]; c != nil {
				out[name] = append(out[name], c)
			}
		}
	}
	return out
}

// check refuses what would only show at run time: an interface or union
// without a possible type, and an object that lost a field its interface kept.
func (f *filter) check(out *ast.Schema) error {
	for _, name := range slices.Sorted(maps.Keys(out.Types)) {
		d := out.Types[name]
		if d.IsAbstractType() && len(out.PossibleTypes[name]) == 0 {
			return fmt.Errorf("front %s: %s has no possible type here; reach one or name it in %s", f.name, name, tagTypes)
		}
		for _, i := range d.Interfaces {
			for _, field := range out.Types[i].Fields {
				if d.Fields.ForName(field.Name) == nil {
					return fmt.Errorf("front %s: %s loses %s, which its interface %s keeps", f.name, name, field.Name, i)
				}
			}
		}
	}
	return nil
}

func copyDefinition(d *ast.Definition) *ast.Definition {
	c := *d
	c.Directives, c.Interfaces, c.Types = shown(d.Directives), slices.Clone(d.Interfaces), slices.Clone(d.Types)
	c.Fields, c.EnumValues = nil, nil
	for _, field := range d.Fields {
		g := *field
		c.Fields = append(c.Fields, &g)
	}
	for _, v := range d.EnumValues {
		e := *v
		e.Directives = shown(v.Directives)
		c.EnumValues = append(c.EnumValues, &e)
	}
	return &c
}

func copyTypeRef(t *ast.Type) *ast.Type {
	if t == nil {
		return nil
	}
	c := *t
	c.Elem = copyTypeRef(t.Elem)
	return &c
}

// shown gives the directives that clients may see.
func shown(ds ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range ds {
		if slices.Contains(published, d.Name) {
			out = append(out, d)
		}
	}
	return out
}

// SDL gives the schema as text, in a fixed order: the golden file of a front.
func SDL(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(s)
	return b.String()
}

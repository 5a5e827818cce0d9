package front

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// The directive that says which fronts have a field, and its arguments.
const (
	tag      = "front"
	tagIn    = "in"
	tagTypes = "types"
)

// published are the directives a client may see; all others are ours.
var published = []string{"include", "skip", "defer", "deprecated", "specifiedBy", "oneOf"}

// Filter gives the part of src that the named front has, as a deep copy: src is
// shared by all fronts. A root field is in by its @front, a type by being
// reached from there, a possible type of an interface or union by being reached
// concretely or named in types:. A field's or type's own @front narrows.
//
// It fails when a root field carries no @front, when something that is in needs
// something that is not, and when nothing is left.
func Filter(src *ast.Schema, name string) (*ast.Schema, error) {
	f := &filter{src: src, name: name, kept: map[string]*ast.Definition{}}
	for _, root := range roots(src) {
		if err := f.root(root); err != nil {
			return nil, err
		}
	}
	for len(f.queue) > 0 {
		next := f.queue[0]
		f.queue = f.queue[1:]
		if err := f.copyType(next); err != nil {
			return nil, err
		}
	}
	out := f.assemble()
	if out.Query == nil || !slices.ContainsFunc(out.Query.Fields, func(d *ast.FieldDefinition) bool { return !meta(d.Name) }) {
		return nil, fmt.Errorf("front %s: it has no query", name)
	}
	return out, f.check(out)
}

type need struct{ name, by string }

type filter struct {
	src   *ast.Schema
	name  string
	kept  map[string]*ast.Definition
	queue []need
}

func meta(name string) bool { return strings.HasPrefix(name, "__") }

func roots(s *ast.Schema) []*ast.Definition {
	var out []*ast.Definition
	for _, d := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		if d != nil {
			out = append(out, d)
		}
	}
	return out
}

// in tells whether the directives let the front have what carries them; tagged
// whether they say anything.
func (f *filter) in(ds ast.DirectiveList) (in, tagged bool) {
	d := ds.ForName(tag)
	if d == nil {
		return true, false
	}
	return slices.Contains(list(d, tagIn), f.name), true
}

func list(d *ast.Directive, argument string) []string {
	a := d.Arguments.ForName(argument)
	if a == nil || a.Value == nil {
		return nil
	}
	var out []string
	for _, c := range a.Value.Children {
		out = append(out, c.Value.Raw)
	}
	return out
}

func (f *filter) root(d *ast.Definition) error {
	c := copyDefinition(d)
	c.Fields = nil
	for _, field := range d.Fields {
		in, tagged := f.in(field.Directives)
		if !tagged && !meta(field.Name) {
			return fmt.Errorf("%s.%s carries no @%s: say which fronts have it", d.Name, field.Name, tag)
		}
		if !in {
			continue
		}
		c.Fields = append(c.Fields, f.copyField(d.Name, field))
		if t := field.Directives.ForName(tag); t != nil {
			for _, name := range list(t, tagTypes) {
				f.need(name, d.Name+"."+field.Name)
			}
		}
	}
	if len(c.Fields) > 0 {
		f.kept[d.Name] = c
	}
	return nil
}

func (f *filter) need(name, by string) { f.queue = append(f.queue, need{name, by}) }

// copyType keeps one needed type and asks for the types it needs itself.
func (f *filter) copyType(n need) error {
	if f.kept[n.name] != nil {
		return nil
	}
	d := f.src.Types[n.name]
	if d == nil {
		return fmt.Errorf("front %s: %s names the type %s, which does not exist", f.name, n.by, n.name)
	}
	if in, _ := f.in(d.Directives); !in {
		return fmt.Errorf("front %s: %s is in it but its type %s is not", f.name, n.by, n.name)
	}
	c := copyDefinition(d)
	f.kept[n.name] = c
	c.Fields = nil
	for _, field := range d.Fields {
		if in, _ := f.in(field.Directives); in {
			c.Fields = append(c.Fields, f.copyField(d.Name, field))
			continue
		}
		if d.Kind == ast.InputObject && field.Type.NonNull && field.DefaultValue == nil {
			return fmt.Errorf("front %s: the input %s loses its required field %s", f.name, d.Name, field.Name)
		}
	}
	if len(d.Fields) > 0 && len(c.Fields) == 0 {
		return fmt.Errorf("front %s: %s needs %s, of which no field is left", f.name, n.by, n.name)
	}
	return nil
}

// copyField copies one kept field and asks for the types of its value and arguments.
func (f *filter) copyField(owner string, field *ast.FieldDefinition) *ast.FieldDefinition {
	c := *field
	c.Directives, c.Type = shown(field.Directives), copyTypeRef(field.Type)
	f.need(field.Type.Name(), owner+"."+field.Name)
	c.Arguments = nil
	for _, a := range field.Arguments {
		b := *a
		b.Directives, b.Type = shown(a.Directives), copyTypeRef(a.Type)
		f.need(a.Type.Name(), owner+"."+field.Name)
		c.Arguments = append(c.Arguments, &b)
	}
	return &c
}

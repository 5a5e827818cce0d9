package front

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Breaking tells what a client that was built for before would miss or be
// refused in now; none where every document and every answer of before still
// fits. New types, fields, optional arguments and enum values break nothing: a
// client ignores what it does not know.
func Breaking(before, now *ast.Schema) []string {
	var found []string
	for name, was := range before.Types {
		if was.BuiltIn || meta(name) {
			continue
		}
		is := now.Types[name]
		switch {
		case is == nil:
			found = append(found, fmt.Sprintf("%s is gone", name))
		case is.Kind != was.Kind:
			found = append(found, fmt.Sprintf("%s was %s and is %s", name, was.Kind, is.Kind))
		default:
			found = append(found, breakingType(was, is)...)
		}
	}
	slices.Sort(found)
	return found
}

func breakingType(was, is *ast.Definition) []string {
	var found []string
	for _, f := range was.Fields {
		if meta(f.Name) {
			continue
		}
		at, g := was.Name+"."+f.Name, is.Fields.ForName(f.Name)
		switch {
		case g == nil:
			found = append(found, at+" is gone")
		case was.Kind == ast.InputObject && !accepts(g.Type, f.Type), was.Kind != ast.InputObject && !accepts(f.Type, g.Type):
			found = append(found, fmt.Sprintf("%s was %s and is %s", at, f.Type, g.Type))
		default:
			found = append(found, breakingArguments(at, f.Arguments, g.Arguments)...)
		}
	}
	for _, g := range is.Fields {
		if is.Kind == ast.InputObject && was.Fields.ForName(g.Name) == nil && g.Type.NonNull && g.DefaultValue == nil {
			found = append(found, fmt.Sprintf("%s.%s is new and must be given", is.Name, g.Name))
		}
	}
	for _, v := range was.EnumValues {
		if is.EnumValues.ForName(v.Name) == nil {
			found = append(found, fmt.Sprintf("%s.%s is gone", was.Name, v.Name))
		}
	}
	for _, member := range slices.Concat(was.Types, was.Interfaces) {
		if !slices.Contains(is.Types, member) && !slices.Contains(is.Interfaces, member) {
			found = append(found, fmt.Sprintf("%s no longer goes with %s", was.Name, member))
		}
	}
	return found
}

func breakingArguments(at string, was, is ast.ArgumentDefinitionList) []string {
	var found []string
	for _, a := range was {
		b := is.ForName(a.Name)
		switch {
		case b == nil:
			found = append(found, fmt.Sprintf("%s(%s:) is gone", at, a.Name))
		case !accepts(b.Type, a.Type):
			found = append(found, fmt.Sprintf("%s(%s:) was %s and is %s", at, a.Name, a.Type, b.Type))
		}
	}
	for _, b := range is {
		if was.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
			found = append(found, fmt.Sprintf("%s(%s:) is new and must be given", at, b.Name))
		}
	}
	return found
}

// accepts tells whether who expects the type wide can take every value of
// narrow: the same, with null where wide allows it.
func accepts(wide, narrow *ast.Type) bool {
	if wide.NonNull && !narrow.NonNull {
		return false
	}
	if wide.Elem == nil || narrow.Elem == nil {
		return wide.Elem == nil && narrow.Elem == nil && wide.NamedType == narrow.NamedType
	}
	return accepts(wide.Elem, narrow.Elem)
}

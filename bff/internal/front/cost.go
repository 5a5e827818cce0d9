package front

import (
	"encoding/json"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/internal/fault"
)

// pageArgument is the argument by which a list says how many it gives; what is
// below such a field costs that many times.
const pageArgument = "first"

// LargestPage is the most that the graph gives of any list at once.
const LargestPage = 50

// over says by how much a client must come down.
func over(f *fault.Error, limit int) *fault.Error { return f.With("limit", strconv.Itoa(limit)) }

// cost gives what one operation costs with these variables: one for each field,
// under whatever name, times the page it stands in. Introspection is free here.
func cost(doc *ast.QueryDocument, op *ast.OperationDefinition, variables map[string]any) int {
	c := &coster{doc: doc, variables: variables, known: map[string]int{}}
	return c.set(op.SelectionSet)
}

type coster struct {
	doc       *ast.QueryDocument
	variables map[string]any
	known     map[string]int
}

func (c *coster) set(set ast.SelectionSet) int {
	sum := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !meta(s.Name) {
				sum += 1 + c.page(s)*c.set(s.SelectionSet)
			}
		case *ast.InlineFragment:
			sum += c.set(s.SelectionSet)
		case *ast.FragmentSpread:
			sum += c.fragment(s.Name)
		}
		sum = capped(sum)
	}
	return sum
}

func (c *coster) fragment(name string) int {
	if n, ok := c.known[name]; ok {
		return n
	}
	n := 0
	if f := c.doc.Fragments.ForName(name); f != nil {
		n = c.set(f.SelectionSet)
	}
	c.known[name] = n
	return n
}

// page gives how many times what is below f costs. What is no number, such as
// null, costs as the largest page. A number may come as text: the executor
// takes it for one.
func (c *coster) page(f *ast.Field) int {
	if f.Definition == nil || f.Definition.Arguments.ForName(pageArgument) == nil {
		return 1
	}
	n := int64(LargestPage)
	switch v := f.ArgumentMap(c.variables)[pageArgument].(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		n = numberOr(string(v), n)
	case string:
		n = numberOr(v, n)
	}
	return int(max(1, min(n, MaxList)))
}

func numberOr(text string, otherwise int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// longest gives the length of the longest list among the values a document
// writes itself.
func longest(doc *ast.QueryDocument) int {
	n := 0
	for _, op := range doc.Operations {
		for _, v := range op.VariableDefinitions {
			n = max(n, longestValue(v.DefaultValue))
		}
		n = max(n, longestIn(op.SelectionSet))
	}
	for _, f := range doc.Fragments {
		n = max(n, longestIn(f.SelectionSet))
	}
	return n
}

func longestIn(set ast.SelectionSet) int {
	n := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			for _, a := range s.Arguments {
				n = max(n, longestValue(a.Value))
			}
			n = max(n, longestIn(s.SelectionSet))
		case *ast.InlineFragment:
			n = max(n, longestIn(s.SelectionSet))
		}
	}
	return n
}

func longestValue(v *ast.Value) int {
	if v == nil {
		return 0
	}
	n := 0
	if v.Kind == ast.ListValue {
		n = len(v.Children)
	}
	for _, c := range v.Children {
		n = max(n, longestValue(c.Value))
	}
	return n
}

// longestVariable gives the length of the longest list within a variable.
func longestVariable(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		n = len(v)
		for _, e := range v {
			n = max(n, longestVariable(e))
		}
	case map[string]any:
		for _, e := range v {
			n = max(n, longestVariable(e))
		}
	}
	return n
}

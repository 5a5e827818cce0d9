package mapping

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Wants says which members of an answer the expressions of a capability may
// look at. A nil Wants wants all.
type Wants struct{ members map[string]*Wants }

// Nothing wants no member and no value.
var Nothing = &Wants{}

// Member gives what is wanted below the member; Nothing where it is not wanted.
func (w *Wants) Member(name []byte) *Wants {
	if w == nil {
		return nil
	}
	below, ok := w.members[string(name)]
	if !ok {
		return Nothing
	}
	return below
}

// Members is how many members to make room for.
func (w *Wants) Members() int {
	if w == nil {
		return 8
	}
	return len(w.members)
}

// add notes that the value at path is looked at as a whole, and gives what is
// wanted then.
func (w *Wants) add(path []string) *Wants {
	if w == nil || len(path) == 0 {
		return nil
	}
	below, known := w.members[path[0]]
	if !known {
		below = &Wants{members: map[string]*Wants{}}
	}
	w.members[path[0]] = below.add(path[1:])
	return w
}

// wanted gives what the expressions look at of their variable `answer`: the
// paths that lead down from it by constant names.
func wanted(expressions ...*expression) *Wants {
	w := &Wants{members: map[string]*Wants{}}
	for _, e := range expressions {
		if e != nil {
			w = walk(e.written, w)
		}
	}
	return w
}

func walk(e ast.Expr, w *Wants) *Wants {
	if path, leads := path(e); leads {
		return w.add(path)
	}
	for _, below := range children(e) {
		w = walk(below, w)
	}
	return w
}

// path gives the names that lead from `answer` to e.
func path(e ast.Expr) ([]string, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return nil, e.AsIdent() == "answer" || e.AsIdent() == ".answer"
	case ast.SelectKind:
		s := e.AsSelect()
		above, leads := path(s.Operand())
		return append(above, s.FieldName()), leads
	case ast.CallKind:
		if object, name, is := member(e); is {
			above, leads := path(object)
			return append(above, name), leads
		}
	}
	return nil, false
}

// member takes object['name'] apart.
func member(e ast.Expr) (object ast.Expr, name string, is bool) {
	c := e.AsCall()
	if c.FunctionName() != operators.Index || len(c.Args()) != 2 || c.Args()[1].Kind() != ast.LiteralKind {
		return nil, "", false
	}
	name, is = c.Args()[1].AsLiteral().Value().(string)
	return c.Args()[0], name, is
}

func children(e ast.Expr) []ast.Expr {
	switch e.Kind() {
	case ast.SelectKind:
		return []ast.Expr{e.AsSelect().Operand()}
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			return append([]ast.Expr{c.Target()}, c.Args()...)
		}
		return c.Args()
	case ast.ListKind:
		return e.AsList().Elements()
	case ast.MapKind:
		var all []ast.Expr
		for _, entry := range e.AsMap().Entries() {
			all = append(all, entry.AsMapEntry().Key(), entry.AsMapEntry().Value())
		}
		return all
	case ast.StructKind:
		var all []ast.Expr
		for _, f := range e.AsStruct().Fields() {
			all = append(all, f.AsStructField().Value())
		}
		return all
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	}
	return nil
}

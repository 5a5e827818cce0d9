package mapping

import (
	"encoding/json"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"
)

// expression is one member of a capability, compiled.
type expression struct {
	program cel.Program
	plain   plain // its zero value for what only CEL does
	written ast.Expr
}

// text gives the text that the expression comes to; false where the short cut
// can't tell.
func (e *expression) text(f *frame) (string, bool) {
	if e.plain.get == nil {
		return "", false
	}
	v, ok := e.plain.get(f)
	s, is := v.(string)
	return s, ok && is
}

// value gives what the expression comes to and what it weighs.
func (e *expression) value(f *frame) (v any, size int, ok bool) {
	if e.plain.make == nil {
		return nil, 0, false
	}
	b := newBudget()
	v, ok = e.plain.make(f, b)
	return v, b.spent(), ok
}

// evaluate has CEL say what the expression comes to.
func (e *expression) evaluate(vars map[string]any) (ref.Val, error) {
	return evaluate(e.program, vars)
}

// body gives the value as JSON, as encoding/json writes it.
func (e *expression) body(f *frame) ([]byte, bool) {
	v, _, ok := e.value(f)
	if !ok {
		return nil, false
	}
	body, err := json.Marshal(v)
	return body, err == nil
}

package mapping

import (
	"encoding/json"
	"slices"

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
func (e *expression) text(vars ...any) (string, bool) {
	if e.plain.get == nil {
		return "", false
	}
	f := framed(vars...)
	defer f.done()
	v, ok := e.plain.get(f)
	s, is := v.(string)
	return s, ok && is
}

// value gives what the expression comes to and what it weighs.
func (e *expression) value(vars ...any) (v any, size int, ok bool) {
	if e.plain.make == nil {
		return nil, 0, false
	}
	f := framed(vars...)
	defer f.done()
	v, ok = e.plain.make(f, &f.left)
	return v, f.left.spent(), ok
}

// evaluate has CEL say what the expression comes to.
func (e *expression) evaluate(vars map[string]any) (ref.Val, error) {
	return evaluate(e.program, vars)
}

// body gives the value as JSON, as encoding/json writes it.
func (e *expression) body(vars ...any) ([]byte, bool) {
	v, _, ok := e.value(vars...)
	if !ok {
		return nil, false
	}
	body, err := encoded(v)
	return body, err == nil
}

// encoded is json.Marshal, without its reflection for what most requests are:
// an object of a few plain texts.
func encoded(v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok || len(m) > few {
		return json.Marshal(v)
	}
	var names [few]string
	sorted := names[:0]
	for name := range m {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	b := append(make([]byte, 0, 128), '{')
	for i, name := range sorted {
		text, ok := m[name].(string)
		if !ok || !bare(name) || !bare(text) {
			return json.Marshal(v)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":"`...)
		b = append(append(b, text...), '"')
	}
	return append(b, '}'), nil
}

const few = 8

// bare tells whether encoding/json writes s as it is.
func bare(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

package direct

import (
	"bytes"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// text is a field that is written as a string.
func text[T any, S ~string](get func(*T) S) field[T] {
	return leaf(func(b []byte, v *T) []byte { return quoted(b, string(get(v))) })
}

// moment is a field that is a DateTime; the zero time is null.
func moment[T any](get func(*T) time.Time) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		t := get(v)
		if t.IsZero() {
			return append(b, "null"...)
		}
		return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	})
}

// list is a field that is a list of objects, never null.
func list[T, E any](of object[E], get func(*T) []E) field[T] {
	return func(o *graphql.OperationContext, set ast.SelectionSet) (write[T], bool) {
		one, ok := of.compile(o, set)
		if !ok {
			return nil, false
		}
		return func(b []byte, v *T) []byte { return entries(b, one, get(v)) }, true
	}
}

func leaf[T any](w write[T]) field[T] {
	return func(*graphql.OperationContext, ast.SelectionSet) (write[T], bool) { return w, true }
}

// quoted appends s as gqlgen writes texts. Those with something to escape,
// which are few, it writes itself.
func quoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			var w bytes.Buffer
			graphql.MarshalString(s).MarshalGQL(&w)
			return append(b, w.Bytes()...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

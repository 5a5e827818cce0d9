package direct

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/services/space"
)

// Marshal gives what a resolver gave as the answer to the field in ctx; false
// leaves it to the executor.
func Marshal(ctx context.Context, resolved any) (graphql.Marshaler, bool) {
	switch list := resolved.(type) {
	case []space.Tile:
		return written(ctx, tile, list)
	}
	return nil, false
}

// write appends an entry as JSON.
type write[T any] func(b []byte, v *T) []byte

// field compiles the selection of a field; false where it can't.
type field[T any] func(o *graphql.OperationContext, of ast.SelectionSet) (write[T], bool)

// object is a type whose fields are plain.
type object[T any] struct {
	name   string
	fields map[string]field[T]
}

// compile gives what writes the selected fields.
func (t object[T]) compile(o *graphql.OperationContext, set ast.SelectionSet) (write[T], bool) {
	type step struct {
		name  string // with quotes and colon
		write write[T]
	}
	fields := graphql.CollectFields(o, set, []string{t.name})
	steps := make([]step, len(fields))
	for i, f := range fields {
		if len(f.Deferrables) > 0 || len(f.Field.Arguments) > 0 {
			return nil, false
		}
		steps[i].name = string(append(quoted(nil, f.Alias), ':'))
		if f.Name == "__typename" {
			is := string(quoted(nil, t.name))
			steps[i].write = func(b []byte, _ *T) []byte { return append(b, is...) }
			continue
		}
		compile, ok := t.fields[f.Name]
		if !ok {
			return nil, false
		}
		if steps[i].write, ok = compile(o, f.Selections); !ok {
			return nil, false
		}
	}
	return func(b []byte, v *T) []byte {
		b = append(b, '{')
		for i, s := range steps {
			if i > 0 {
				b = append(b, ',')
			}
			b = s.write(append(b, s.name...), v)
		}
		return append(b, '}')
	}, true
}

// written gives a nullable list; nil is null.
func written[T any](ctx context.Context, t object[T], list []T) (graphql.Marshaler, bool) {
	at := graphql.GetFieldContext(ctx)
	if list == nil || at == nil {
		return nil, false
	}
	one, ok := t.compile(graphql.GetOperationContext(ctx), at.Field.Selections)
	if !ok {
		return nil, false
	}
	b := buffers.Get().(*[]byte)
	*b = entries((*b)[:0], one, list)
	out := slices.Clone(*b)
	buffers.Put(b)
	return encoded(out), true
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func entries[T any](b []byte, one write[T], list []T) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, &list[i])
	}
	return append(b, ']')
}

// encoded is JSON.
type encoded []byte

// MarshalGQL writes e.
func (e encoded) MarshalGQL(w io.Writer) { _, _ = w.Write(e) }

package mapping

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The limits of one result: expressions can copy, so a small answer may become
// a large value. Our choice: twice the largest honest shelf of licences.
const (
	maxNodes = 10_000
	maxBytes = 256 << 10
)

// native turns a CEL value into what encoding/json would give, except that
// whole numbers stay int64. It goes the way itself instead of over structpb:
// that would build every value twice and turn long numbers into floats.
func native(v ref.Val) (any, error) {
	return newBudget().native(v)
}

type budget struct{ nodes, bytes int }

func newBudget() *budget { return &budget{nodes: maxNodes, bytes: maxBytes} }

// nodeWeight is what a value takes beside its bytes: an interface with what it
// points to, and its place in a map.
const nodeWeight = 48

func (b *budget) spent() int { return maxBytes - b.bytes + (maxNodes-b.nodes)*nodeWeight }

func (b *budget) spend(bytes int) error {
	b.nodes--
	b.bytes -= bytes
	if b.nodes < 0 || b.bytes < 0 {
		return ErrShape
	}
	return nil
}

func (b *budget) native(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Null:
		return nil, b.spend(0) //nolint:nilnil // null is a value
	case types.Bool:
		return bool(v), b.spend(0)
	case types.Int:
		return int64(v), b.spend(0)
	case types.Double:
		return float64(v), b.spend(0)
	case types.String:
		return string(v), b.spend(len(v))
	case traits.Mapper:
		return b.object(v)
	case traits.Lister:
		return b.list(v)
	}
	return nil, ErrShape
}

func (b *budget) object(m traits.Mapper) (any, error) {
	size, ok := m.Size().(types.Int)
	if !ok || int(size) > b.nodes {
		return nil, ErrShape
	}
	out := make(map[string]any, size)
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := key.(types.String)
		if !ok {
			return nil, ErrShape
		}
		value, err := b.native(m.Get(key))
		if err != nil {
			return nil, err
		}
		out[string(name)] = value
		b.bytes -= len(name)
	}
	return out, b.spend(0)
}

func (b *budget) list(l traits.Lister) (any, error) {
	size, ok := l.Size().(types.Int)
	if !ok || int(size) > b.nodes {
		return nil, ErrShape
	}
	out := make([]any, 0, size)
	for it := l.Iterator(); it.HasNext() == types.True; {
		value, err := b.native(it.Next())
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, b.spend(0)
}

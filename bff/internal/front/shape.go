package front

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/internal/fault"
)

// The limits of one document (DESIGN.md §3). Deep or wide enough for every
// screen we have, small enough that no document costs more than a screen.
const (
	MaxTokens        = 1_000
	MaxDepth         = 10
	MaxAliases       = 15
	MaxDirectives    = 50
	MaxSpreads       = 50
	MaxCost          = 1_000
	MaxList          = 100
	MaxIntrospection = 16 // graphql-js asks 15 deep
	MaxErrors        = 10
)

// shape is what a document is before anything is known of its types.
type shape struct {
	aliases, directives, spreads int
	extent
	introspects bool
}

// extent is how far a selection reaches, its fragments included.
type extent struct {
	depth  int // of what is not introspection
	inner  int // of introspection
	fields int // as executed: a fragment counts wherever it is spread
}

// measure reads doc once. A fragment's extent is remembered, so that 26
// fragments that spread each other twice cost 26 steps, not 2^26.
func measure(doc *ast.QueryDocument) shape {
	m := &meter{doc: doc, known: map[string]extent{}}
	for _, op := range doc.Operations {
		m.directives += len(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.directives += len(v.Directives)
		}
		m.count(op.SelectionSet)
		m.join(m.extent(op.SelectionSet))
	}
	for _, f := range doc.Fragments {
		m.directives += len(f.Directives)
		m.count(f.SelectionSet)
	}
	return m.shape
}

type meter struct {
	shape
	doc   *ast.QueryDocument
	known map[string]extent
}

func (m *meter) join(e extent) {
	m.depth, m.inner, m.fields = max(m.depth, e.depth), max(m.inner, e.inner), max(m.fields, e.fields)
}

// count counts what is written, each place once.
func (m *meter) count(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			m.directives += len(s.Directives)
			if s.Alias != s.Name {
				m.aliases++
			}
			m.introspects = m.introspects || introspection(s.Name)
			m.count(s.SelectionSet)
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			m.count(s.SelectionSet)
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			m.spreads++
		}
	}
}

func introspection(name string) bool { return name == "__schema" || name == "__type" }

func (m *meter) extent(set ast.SelectionSet) extent {
	var all extent
	for _, s := range set {
		var e extent
		switch s := s.(type) {
		case *ast.Field:
			e = m.extent(s.SelectionSet)
			if introspection(s.Name) {
				e = extent{inner: 1 + max(e.depth, e.inner), fields: e.fields}
			} else {
				e.depth++
			}
			e.fields++
		case *ast.InlineFragment:
			e = m.extent(s.SelectionSet)
		case *ast.FragmentSpread:
			e = m.fragment(s.Name)
		}
		all = extent{max(all.depth, e.depth), max(all.inner, e.inner), capped(all.fields + e.fields)}
	}
	return all
}

// fragment gives a fragment's extent. One that spreads itself counts as empty
// there: validation refuses it by its own rule.
func (m *meter) fragment(name string) extent {
	if e, ok := m.known[name]; ok {
		return e
	}
	m.known[name] = extent{}
	f := m.doc.Fragments.ForName(name)
	if f == nil {
		return extent{}
	}
	e := m.extent(f.SelectionSet)
	m.known[name] = e
	return e
}

// capped keeps sums far from overflow.
func capped(n int) int { return min(n, 1_000_000) }

// refusal gives the first limit that s is over, or nil.
func (s shape) refusal() *fault.Error {
	const op = "front.shape"
	switch {
	case s.spreads > MaxSpreads:
		return over(fault.New(op, fault.Invalid, "TOO_MANY_SPREADS"), MaxSpreads)
	case s.directives > MaxDirectives:
		return over(fault.New(op, fault.Invalid, "TOO_MANY_DIRECTIVES"), MaxDirectives)
	case s.aliases > MaxAliases:
		return over(fault.New(op, fault.Invalid, "TOO_MANY_ALIASES"), MaxAliases)
	case s.depth > MaxDepth:
		return over(fault.New(op, fault.Invalid, "TOO_DEEP"), MaxDepth)
	case s.inner > MaxIntrospection:
		return over(fault.New(op, fault.Invalid, "TOO_DEEP"), MaxIntrospection)
	case s.fields > MaxCost:
		return over(fault.New(op, fault.Invalid, "COST_TOO_HIGH"), MaxCost)
	}
	return nil
}

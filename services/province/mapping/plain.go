package mapping

import (
	"slices"
	"strconv"
	"sync"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// plain is an expression of the plain forms, a path, a literal, a list mapped,
// a condition, as Go. Nine expressions in ten say nothing else, and interpreting
// them took more time than all the rest of an answer.
//
// It is a short cut and never an authority: what it can't do, or what CEL might
// refuse, it leaves to CEL. So it gives no errors, and counts a cost that is
// never below CEL's.
type plain struct {
	get  getter // nil where the expression makes something new
	make maker
}

// frame is what a plain expression sees and has spent.
type frame struct {
	vars [maxVars]any
	cost int
	left budget
}

// framed gives a frame of these variables; used are kept for the next: an
// answer takes three.
func framed(vars ...any) *frame {
	f, _ := used.Get().(*frame)
	if f == nil {
		f = new(frame)
	}
	copy(f.vars[:], vars)
	f.left = budget{nodes: maxNodes, bytes: maxBytes}
	return f
}

func (f *frame) done() {
	*f = frame{} // a person's record
	used.Put(f)
}

var used sync.Pool // of *frame

// maxVars bounds the variables in scope: three of the language, and those of
// lists within lists.
const maxVars = 6

type (
	// getter gives a value that may be part of a variable's.
	getter func(f *frame) (any, bool)
	// maker gives a value of its own, within the budget.
	maker func(f *frame, b *budget) (any, bool)
)

// What a step costs at least as much as in CEL, in its units.
const (
	stepCost = 5
	listCost = 20
	mapCost  = 50
	turnCost = 50
)

func (f *frame) spend(cost int) bool {
	f.cost += cost
	return f.cost <= costLimit
}

// plainly compiles e; false where it has another form. vars are the names in
// scope, beside frame.vars.
func plainly(e ast.Expr, vars []string) (plain, bool) {
	p := plain{get: getting(e, vars)}
	if p.make = making(e, vars); p.make == nil {
		return plain{}, false
	}
	return p, true
}

// making compiles e to what makes a value of its own.
func making(e ast.Expr, vars []string) maker {
	switch e.Kind() {
	case ast.MapKind:
		return makingMap(e.AsMap(), vars)
	case ast.ListKind:
		return makingList(e.AsList(), vars)
	case ast.ComprehensionKind:
		return makingEach(e.AsComprehension(), vars)
	case ast.CallKind:
		if c := e.AsCall(); c.FunctionName() == operators.Conditional {
			return makingChoice(c.Args(), vars)
		}
	}
	get := getting(e, vars)
	if get == nil {
		return nil
	}
	return func(f *frame, b *budget) (any, bool) {
		v, ok := get(f)
		if !ok {
			return nil, false
		}
		return b.copied(v)
	}
}

func makingMap(m ast.MapExpr, vars []string) maker {
	names, makes := make([]string, m.Size()), make([]maker, m.Size())
	for i, entry := range m.Entries() {
		one := entry.AsMapEntry()
		if one.IsOptional() || one.Key().Kind() != ast.LiteralKind {
			return nil
		}
		name, ok := one.Key().AsLiteral().(types.String)
		if !ok || slices.Contains(names[:i], string(name)) {
			return nil
		}
		names[i] = string(name)
		if makes[i] = making(one.Value(), vars); makes[i] == nil {
			return nil
		}
	}
	return func(f *frame, b *budget) (any, bool) {
		if !f.spend(mapCost) {
			return nil, false
		}
		out := make(map[string]any, len(names))
		for i, name := range names {
			v, ok := makes[i](f, b)
			if !ok {
				return nil, false
			}
			out[name] = v
			b.bytes -= len(name)
		}
		return out, b.spend(0) == nil
	}
}

func makingList(l ast.ListExpr, vars []string) maker {
	makes := make([]maker, l.Size())
	for i, e := range l.Elements() {
		if l.IsOptional(int32(i)) { //nolint:gosec // an expression has at most 4,096 characters
			return nil
		}
		if makes[i] = making(e, vars); makes[i] == nil {
			return nil
		}
	}
	return func(f *frame, b *budget) (any, bool) {
		if !f.spend(listCost) {
			return nil, false
		}
		out := make([]any, len(makes))
		for i, one := range makes {
			v, ok := one(f, b)
			if !ok {
				return nil, false
			}
			out[i] = v
		}
		return out, b.spend(0) == nil
	}
}

func makingChoice(args []ast.Expr, vars []string) maker {
	when, then, otherwise := getting(args[0], vars), making(args[1], vars), making(args[2], vars)
	if when == nil || then == nil || otherwise == nil {
		return nil
	}
	return func(f *frame, b *budget) (any, bool) {
		yes, ok := truth(f, when)
		if !ok || !f.spend(stepCost) {
			return nil, false
		}
		if yes {
			return then(f, b)
		}
		return otherwise(f, b)
	}
}

// makingEach compiles what the macros map and filter write.
func makingEach(c ast.ComprehensionExpr, vars []string) maker {
	always, _ := literal(c.LoopCondition())
	if c.HasIterVar2() || len(vars) == maxVars || always != true || !isIdent(c.Result(), c.AccuVar()) ||
		c.AccuInit().Kind() != ast.ListKind || c.AccuInit().AsList().Size() != 0 || c.LoopStep().Kind() != ast.CallKind {
		return nil
	}
	within := append(slices.Clone(vars), c.IterVar())
	step, filter := c.LoopStep().AsCall(), getter(nil)
	if step.FunctionName() == operators.Conditional {
		args := step.Args()
		if filter = getting(args[0], within); filter == nil || !isIdent(args[2], c.AccuVar()) || args[1].Kind() != ast.CallKind {
			return nil
		}
		step = args[1].AsCall()
	}
	if step.FunctionName() != operators.Add || len(step.Args()) != 2 || !isIdent(step.Args()[0], c.AccuVar()) ||
		step.Args()[1].Kind() != ast.ListKind || step.Args()[1].AsList().Size() != 1 {
		return nil
	}
	over, one := getting(c.IterRange(), vars), making(step.Args()[1].AsList().Elements()[0], within)
	if over == nil || one == nil {
		return nil
	}
	at := len(vars)
	return func(f *frame, b *budget) (any, bool) {
		v, there := over(f)
		list, ok := v.([]any)
		if !there || !ok || !f.spend(listCost) {
			return nil, false
		}
		out := make([]any, 0, len(list))
		for _, f.vars[at] = range list {
			if !f.spend(turnCost) {
				return nil, false
			}
			if filter != nil {
				yes, ok := truth(f, filter)
				if !ok {
					return nil, false
				}
				if !yes {
					continue
				}
			}
			v, ok := one(f, b)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		return out, b.spend(0) == nil
	}
}

func isIdent(e ast.Expr, name string) bool {
	return e.Kind() == ast.IdentKind && e.AsIdent() == name
}

// literal gives a constant's value.
func literal(e ast.Expr) (any, bool) {
	if e.Kind() != ast.LiteralKind {
		return nil, false
	}
	switch v := e.AsLiteral().(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return int64(v), true
	case types.Bool:
		return bool(v), true
	case types.Double:
		return float64(v), true
	case types.Null:
		return nil, true
	}
	return nil, false
}

// copied gives v as a value of its own.
func (b *budget) copied(of any) (any, bool) {
	switch v := of.(type) {
	case string:
		return of, b.spend(len(v)) == nil // of, not v: that would be a new interface
	case nil, bool, int64, float64:
		return of, b.spend(0) == nil
	case map[string]any:
		if len(v) > b.nodes {
			return nil, false
		}
		out := make(map[string]any, len(v))
		for name, one := range v {
			c, ok := b.copied(one)
			if !ok {
				return nil, false
			}
			out[name] = c
			b.bytes -= len(name)
		}
		return out, b.spend(0) == nil
	case []any:
		if len(v) > b.nodes {
			return nil, false
		}
		out := make([]any, len(v))
		for i, one := range v {
			c, ok := b.copied(one)
			if !ok {
				return nil, false
			}
			out[i] = c
		}
		return out, b.spend(0) == nil
	}
	return nil, false
}

func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

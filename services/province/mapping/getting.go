package mapping

import (
	"slices"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// getting compiles e to what gives a value that exists already, or a scalar;
// nil where it has another form.
func getting(e ast.Expr, vars []string) getter {
	switch e.Kind() {
	case ast.LiteralKind:
		v, ok := literal(e)
		if !ok {
			return nil
		}
		return func(*frame) (any, bool) { return v, true }
	case ast.IdentKind:
		at := last(vars, e.AsIdent())
		if at < 0 {
			return nil
		}
		return func(f *frame) (any, bool) { return f.vars[at], f.spend(stepCost) }
	case ast.SelectKind:
		s := e.AsSelect()
		return gettingMember(s.Operand(), s.FieldName(), s.IsTestOnly(), vars)
	case ast.CallKind:
		return gettingCall(e, vars)
	}
	return nil
}

// truth gives a condition's value.
func truth(f *frame, of getter) (yes, ok bool) {
	v, ok := of(f)
	if !ok {
		return false, false
	}
	yes, ok = v.(bool)
	return yes, ok
}

// last gives the place of the innermost variable of that name.
func last(vars []string, name string) int {
	for i, v := range slices.Backward(vars) {
		if v == name {
			return i
		}
	}
	return -1
}

// gettingMember compiles object.name; for has(object.name) whether it is there.
func gettingMember(object ast.Expr, name string, presence bool, vars []string) getter {
	of := getting(object, vars)
	if of == nil {
		return nil
	}
	return func(f *frame) (any, bool) {
		v, ok := of(f)
		if !ok || !f.spend(stepCost) {
			return nil, false
		}
		var one any
		switch v := v.(type) {
		case map[string]any:
			one, ok = v[name]
		case *Vars:
			one, ok = v.person(name)
		default:
			return nil, false
		}
		if presence {
			return ok, true
		}
		return one, ok
	}
}

func gettingCall(e ast.Expr, vars []string) getter {
	if object, name, is := member(e); is {
		return gettingMember(object, name, false, vars)
	}
	c := e.AsCall()
	if c.IsMemberFunction() {
		return nil
	}
	args := make([]getter, len(c.Args()))
	for i, a := range c.Args() {
		if args[i] = getting(a, vars); args[i] == nil {
			return nil
		}
	}
	switch c.FunctionName() {
	case operators.Equals:
		return comparing(args, true)
	case operators.NotEquals:
		return comparing(args, false)
	case operators.Conditional:
		return func(f *frame) (any, bool) {
			yes, ok := truth(f, args[0])
			if !ok || !f.spend(stepCost) {
				return nil, false
			}
			if yes {
				return args[1](f)
			}
			return args[2](f)
		}
	case operators.LogicalAnd:
		return joining(args, false)
	case operators.LogicalOr:
		return joining(args, true)
	case operators.LogicalNot:
		return func(f *frame) (any, bool) {
			yes, ok := truth(f, args[0])
			return !yes, ok && f.spend(stepCost)
		}
	case overloads.TypeConvertString:
		return func(f *frame) (any, bool) {
			v, ok := args[0](f)
			s, is := text(v)
			return s, ok && is && f.spend(stepCost+len(s))
		}
	case overloads.TypeConvertInt:
		return whole(args[0])
	case operators.Add:
		return concatenating(args)
	}
	return nil
}

// comparing leaves values of two types to CEL, which knows of numbers that are
// equal though they are written otherwise.
func comparing(args []getter, equal bool) getter {
	return func(f *frame) (any, bool) {
		a, ok := args[0](f)
		b, too := args[1](f)
		if !ok || !too || !f.spend(stepCost) {
			return nil, false
		}
		switch a := a.(type) {
		case string:
			b, ok := b.(string)
			return (a == b) == equal, ok && f.spend(len(a)+len(b))
		case int64:
			b, ok := b.(int64)
			return (a == b) == equal, ok
		case bool:
			b, ok := b.(bool)
			return (a == b) == equal, ok
		}
		return nil, false
	}
}

// joining is && or ||, of which until ends the looking.
func joining(args []getter, until bool) getter {
	return func(f *frame) (any, bool) {
		for _, one := range args {
			yes, ok := truth(f, one)
			if !ok || !f.spend(stepCost) {
				return nil, false
			}
			if yes == until {
				return until, true
			}
		}
		return !until, true
	}
}

func whole(of getter) getter {
	return func(f *frame) (any, bool) {
		v, ok := of(f)
		if !ok {
			return nil, false
		}
		switch v := v.(type) {
		case int64:
			return v, f.spend(stepCost)
		case string:
			n, err := strconv.ParseInt(v, 10, 64)
			return n, err == nil && f.spend(stepCost+len(v))
		}
		return nil, false
	}
}

func concatenating(args []getter) getter {
	return func(f *frame) (any, bool) {
		a, ok := args[0](f)
		b, too := args[1](f)
		if !ok || !too {
			return nil, false
		}
		left, ok := a.(string)
		right, too := b.(string)
		if !ok || !too || !f.spend(stepCost+len(left)+len(right)) {
			return nil, false
		}
		return left + right, true
	}
}

package mapping

import (
	"context"
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

const (
	// maxCall is how many bytes one call may make, or steps it may take. Our
	// choice: four times the largest answer.
	maxCall = 1 << 20
	// maxTime bounds one evaluation. Our choice: an honest one takes less than
	// a millisecond, so only a busy machine and a bad expression come near.
	maxTime = time.Second
	// lookEvery is after how many turns of a loop the time is looked at.
	lookEvery = 64
)

// works gives what a call will cost before it is made. CEL's limit of cost
// counts a call once it is done: one replace of half an answer by the other
// half would make 16 GB first.
var works = map[string]func(args []ref.Val) int{
	"replace": func(args []ref.Val) int {
		text, old, by := length(args[0]), length(args[1]), length(args[2])
		return text + (text/max(1, old)+1)*by
	},
	"join": func(args []ref.Val) int {
		between := 0
		if len(args) > 1 {
			between = length(args[1])
		}
		return made(args[0], between)
	},
	"format":      func(args []ref.Val) int { return length(args[0]) + made(args[1], 0) },
	"indexOf":     product,
	"lastIndexOf": product,
}

func product(args []ref.Val) int { return length(args[0]) * max(1, length(args[1])) }

func length(v ref.Val) int { s, _ := v.(types.String); return len(s) }

// made gives the bytes of all texts within v, and between for each of its
// values; it stops counting beyond maxCall.
func made(v ref.Val, between int) int {
	n := between + 1
	each := func(it traits.Iterator, get func(ref.Val) ref.Val) {
		for n <= maxCall && it.HasNext() == types.True {
			n += made(get(it.Next()), between)
		}
	}
	switch v := v.(type) {
	case types.String:
		n += len(v)
	case traits.Mapper:
		each(v.Iterator(), func(key ref.Val) ref.Val { n += length(key); return v.Get(key) })
	case traits.Lister:
		each(v.Iterator(), func(one ref.Val) ref.Val { return one })
	}
	return n
}

// bounded has every call of works weighed first. It refuses matches: how long
// a regular expression takes can't be told from its length.
func bounded(env *cel.Env) (cel.ProgramOption, error) {
	known := map[string]*functions.Overload{}
	for name := range works {
		overloads, err := env.Functions()[name].Bindings()
		if err != nil || len(overloads) == 0 {
			return nil, fmt.Errorf("mapping: the function %s is not at hand: %w", name, err)
		}
		for _, o := range overloads {
			known[o.Operator] = o
		}
	}
	return cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		call, is := i.(interpreter.InterpretableCall)
		if !is {
			return i, nil
		}
		name := call.Function()
		if name == "matches" {
			return nil, fmt.Errorf("mapping: matches is not at hand here")
		}
		work, weighed := works[name]
		if !weighed {
			return i, nil
		}
		o := known[call.OverloadID()]
		if o == nil {
			o = known[name] // chosen by the arguments
		}
		if o == nil {
			return nil, fmt.Errorf("mapping: %s can't be called so", name)
		}
		return interpreter.NewCall(call.ID(), name, call.OverloadID(), call.Args(), func(args ...ref.Val) ref.Val {
			if work(args) > maxCall {
				return types.NewErr("%s would make too much", name)
			}
			return invoke(o, args)
		}), nil
	}), nil
}

func invoke(o *functions.Overload, args []ref.Val) ref.Val {
	switch {
	case len(args) == 1 && o.Unary != nil:
		return o.Unary(args[0])
	case len(args) == 2 && o.Binary != nil:
		return o.Binary(args[0], args[1])
	case o.Function != nil:
		return o.Function(args...)
	}
	return types.NewErr("no such overload: %s", o.Operator)
}

// evaluate runs a program within maxTime.
func evaluate(program cel.Program, vars map[string]any) (ref.Val, error) {
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	out, _, err := program.ContextEval(ctx, vars)
	return out, err
}

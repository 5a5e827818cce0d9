package answer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/internal/fault"
)

// Recover turns a panic into an Internal fault whose cause names where it was.
// The value that was thrown is left out unless the runtime threw it: it may
// hold personal data.
func Recover(_ context.Context, thrown any) error {
	what := fmt.Sprintf("%T", thrown)
	if e, ok := thrown.(runtime.Error); ok {
		what = e.Error()
	}
	return fault.New("graph.panic", fault.Internal, "INTERNAL").Becausef("panic: %s\n%s", what, debug.Stack())
}

// typeOf gives the type of the innermost foreign error.
func typeOf(err error) string {
	if g, ok := errors.AsType[*gqlerror.Error](err); ok && g.Err != nil {
		err = g.Err
	}
	return fmt.Sprintf("%T", err)
}

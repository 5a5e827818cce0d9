package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

func TestWrapKeepsWhatTheClientIsTold(t *testing.T) {
	cause := fault.New("store.Get", fault.Expired, "LICENCE_EXPIRED").With("kind", "x").After(time.Second)
	err := fault.Wrap("licence.Show", fmt.Errorf("between: %w", cause))
	if fault.KindOf(err) != fault.Expired || fault.CodeOf(err) != "LICENCE_EXPIRED" {
		t.Fatalf("kind %v code %q", fault.KindOf(err), fault.CodeOf(err))
	}
	e, _ := errors.AsType[*fault.Error](err)
	if e.Detail["kind"] != "x" || e.Retry != time.Second {
		t.Fatalf("lost detail or retry: %+v", e)
	}
}

func TestForeignErrorsAreInternalAndEndedContextsUnavailable(t *testing.T) {
	if k := fault.KindOf(errors.New("x")); k != fault.Internal {
		t.Fatalf("foreign error is %v", k)
	}
	if k := fault.KindOf(fault.Wrap("op", context.DeadlineExceeded)); k != fault.Unavailable {
		t.Fatalf("deadline is %v", k)
	}
	if fault.Wrap("op", nil) != nil {
		t.Fatal("nil became an error")
	}
}

func TestWithDoesNotChangeItsSource(t *testing.T) {
	base := fault.New("op", fault.Invalid, "X").With("a", "1")
	_ = base.With("b", "2")
	if len(base.Detail) != 1 {
		t.Fatalf("source changed: %v", base.Detail)
	}
}

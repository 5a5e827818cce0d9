package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/tongban/tongban/internal/fault"
)

// args carries any payload under any kind.
type args struct {
	kind    string
	payload []byte
}

func (a args) Kind() string { return a.kind }

// stored is how a payload stands in the table: as text within JSON, since
// PostgreSQL and River do not keep long numbers and the order of keys.
type stored struct {
	Payload string `json:"payload"`
}

func (a args) MarshalJSON() ([]byte, error) { return json.Marshal(stored{string(a.payload)}) }

func (a *args) UnmarshalJSON(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	a.payload = []byte(s.Payload)
	return nil
}

// worker runs the handler of one kind.
type worker struct {
	river.WorkerDefaults[args]
	name string
	kind kind
	log  *slog.Logger
}

func (w *worker) Timeout(*river.Job[args]) time.Duration { return w.kind.opts.Timeout }

func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	err := w.run(ctx, job.Args.payload)
	if err == nil {
		return nil
	}
	told := errors.New(Redact(err))
	if fault.Is(err, fault.Invalid) || errors.Is(err, errCancelled) {
		w.log.WarnContext(ctx, "jobs: a job can't be done", "kind", w.name, "job", job.ID, "error", told)
		return river.JobCancel(told)
	}
	if wait := asked(err); wait > 0 {
		w.log.InfoContext(ctx, "jobs: a job waits as it was asked to", "kind", w.name, "job", job.ID, "error", told, "wait", wait)
		return river.JobSnooze(wait)
	}
	return told // River logs it, and tries again
}

// longestWait bounds what a called party may ask for. Our choice: a job that
// waits longer needs a person to look.
const longestWait = time.Hour

// asked is how long whoever was called wants to be left alone: such a wait is
// no failed attempt. Zero where nothing was said.
func asked(err error) time.Duration {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return min(e.Retry, longestWait)
	}
	return 0
}

// run turns a panic into an error: its value could hold anything, so only the
// stack is logged.
func (w *worker) run(ctx context.Context, payload []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.ErrorContext(ctx, "jobs: a handler panicked", "kind", w.name, "stack", string(debug.Stack()))
			err = fault.New("jobs.run", fault.Internal, "JOB_PANICKED").Becausef("%T", p)
		}
	}()
	return w.kind.handler(ctx, payload)
}

var errCancelled = errors.New("cancelled")

// Cancel gives an error that ends the job for good: it can never be done, and
// the reason is not that it is Invalid. The cause is logged, cut by Redact.
func Cancel(cause error) error { return fmt.Errorf("%w: %w", errCancelled, cause) }

// Redact gives what may be told of err in a log: of faults the op, kind and
// code, of any other error its type alone.
func Redact(err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return fmt.Sprintf("%s (%T)", fault.KindOf(err), err)
	}
	s := e.Op + ": " + e.Kind.String()
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + Redact(e.Err)
	}
	return s
}

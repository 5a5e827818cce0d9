package province

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
)

// sendDeadline is how long a write may take where the manifest says nothing.
const sendDeadline = 5 * time.Second

// Send writes to a source under an idempotency key: the same key may be sent
// again until it answers, and has its effect once. Nothing is cached. It fails
//   - by the manifest's error table: the kind it names, SOURCE_REFUSED or
//     RECORD_NOT_FOUND, with the table's words in the detail "reason"
//   - Unavailable, worth another try: SOURCE_TIMEOUT, SOURCE_DOWN,
//     SOURCE_BUSY, SOURCE_ANSWER_INVALID, SOURCE_WRONG_PERSON, SOURCE_SUSPENDED
//   - NotFound CAPABILITY_MISSING, Invalid IDEMPOTENCY_KEY_MISSING
//   - Internal SOURCE_WITHIN_UNIT from within a unit of work.
func (s *Service) Send(ctx context.Context, a Ask, key string) (map[string]any, error) {
	const op = "province.Send"
	if unit.In(ctx) {
		return nil, fault.New(op, fault.Internal, ReasonWithinUnit)
	}
	if key == "" {
		return nil, fault.New(op, fault.Invalid, "IDEMPOTENCY_KEY_MISSING")
	}
	app, err := s.d.Apps.App(ctx, a.App)
	if fault.CodeOf(err) == "APP_SUSPENDED" {
		return nil, fault.New(op, fault.Unavailable, ReasonAppSuspended)
	}
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	wait := a.Deadline
	if wait <= 0 {
		wait = app.Manifest.Degrade.Timeout()
	}
	if wait <= 0 {
		wait = sendDeadline
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	q, t := s.prepare(app, a, key)
	if t != nil {
		return nil, t.fault(op)
	}
	got, t := s.ask(ctx, q)
	if t != nil {
		return nil, t.fault(op)
	}
	return got.value, nil
}

func (t *trouble) fault(op string) error {
	e := fault.New(op, t.kind, t.reason)
	if t.words != "" {
		e = e.With("reason", t.words)
	}
	if t.kind == fault.Unavailable {
		e = e.After(openFor)
	}
	if t.cause != nil {
		e = e.Because(t.cause)
	}
	return e
}

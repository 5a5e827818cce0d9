package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

// Kind says to machines what sort of failure an error is. The list is append
// only: callers store and compare kinds across versions.
type Kind uint8

// The kinds of failure.
const (
	// Internal is a failure of ours; also what KindOf says of a foreign error.
	Internal Kind = iota
	// Invalid is input that can never be accepted as it stands.
	Invalid
	// Unauthenticated means we do not know who asks.
	Unauthenticated
	// Forbidden means we know who asks and the answer is no.
	Forbidden
	// Private hides whether the thing exists: told to clients as not found.
	Private
	// NotFound means the thing does not exist.
	NotFound
	// Conflict means the thing is in a state that does not allow the act.
	Conflict
	// Expired means the thing was valid once.
	Expired
	// RateLimited means too much was asked; see RetryAfter.
	RateLimited
	// Unavailable means a party we depend on did not answer; trying again may help.
	Unavailable
)

var kindNames = [...]string{"INTERNAL", "INVALID", "UNAUTHENTICATED", "FORBIDDEN", "PRIVATE", "NOT_FOUND", "CONFLICT", "EXPIRED", "RATE_LIMITED", "UNAVAILABLE"}

// String gives the kind's name in capitals, such as NOT_FOUND.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "INTERNAL"
}

// Error is a failure with its op, kind and code.
type Error struct {
	Op   string // where, for operators: "licence.ShowCode"
	Kind Kind
	Code string // for clients, stable, listed in docs/errors.md: "LICENCE_EXPIRED"
	// Detail is told to the client beside the code. Never personal.
	Detail map[string]string
	// Retry is when the client may try again; zero where unknown.
	Retry time.Duration
	Err   error // the cause, for the log
}

// Error gives op, code and cause; it is for logs, not for clients.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.String()
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes a fault with a code that clients may rely on.
func New(op string, kind Kind, code string) *Error {
	return &Error{Op: op, Kind: kind, Code: code}
}

// Wrap adds op to err and keeps its kind, code, detail and retry. Wrap of nil
// is nil. A context that ended is Unavailable.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	w := &Error{Op: op, Kind: KindOf(err), Err: err}
	if e, ok := errors.AsType[*Error](err); ok {
		w.Code, w.Detail, w.Retry = e.Code, e.Detail, e.Retry
	}
	return w
}

// Because gives e with a cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Becausef gives e with a formatted cause for the log. Nothing personal in it.
func (e *Error) Becausef(format string, args ...any) *Error {
	return e.Because(fmt.Errorf(format, args...))
}

// With gives e with one more detail for the client. Nothing personal in it.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Detail = maps.Clone(e.Detail)
	if c.Detail == nil {
		c.Detail = map[string]string{}
	}
	c.Detail[key] = value
	return &c
}

// After gives e with the time after which a client may try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.Retry = d
	return &c
}

// KindOf gives the kind of err: Internal for a foreign error, Unavailable for
// a context that ended.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Unavailable
	}
	return Internal
}

// CodeOf gives the stable code of err, or the kind's name where it has none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Code != "" {
		return e.Code
	}
	return KindOf(err).String()
}

// Is tells whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Package queue says what a job is, without saying what runs it: the types
// shared by those who ask for jobs (the outbox) and the engine that runs them.
package queue

import (
	"context"
	"time"
)

// Job asks for one run of a handler, at least once.
type Job struct {
	// Kind names the handler: lower case, with dots, such as
	// "casework.case_moved.push".
	Kind string
	// Payload is a JSON value. It is stored as it is, so nothing personal
	// stands in it: ids, by which the handler reads what it needs.
	Payload []byte
	// RunAt is when to run at the earliest; the zero time is at once.
	RunAt time.Time
}

// Options are how a kind is run; a zero field takes the engine's default.
type Options struct {
	// Timeout is when the handler's context ends.
	Timeout time.Duration
	// MaxAttempts is after how many failures the job is given up.
	MaxAttempts int
	// Lane is whose workers run the kind; the zero value is Main.
	Lane Lane
}

// Lane is a set of workers: what one lane waits for holds up no other.
type Lane string

// The lanes.
const (
	// Main is for what people wait for.
	Main Lane = ""
	// Aside is for calls to parties that may hang for long and whose delay
	// costs nobody anything, such as push channels.
	Aside Lane = "aside"
)

// Handler does one job. It may run more than once for one job, also at the
// same time when its context ended and it went on. An error of kind
// fault.Invalid, or Cancel's, ends the job; any other has it run again later.
type Handler func(ctx context.Context, payload []byte) error

package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/unit"
)

// Job, Options and Handler are the types of package queue, so that those who
// only ask for jobs do not meet the engine.
type (
	Job     = queue.Job
	Options = queue.Options
	Handler = queue.Handler
)

const (
	// DefaultTimeout is how long a handler may take. Our choice: three
	// attempts at a province with its longest deadline.
	DefaultTimeout = 30 * time.Second
	// DefaultMaxAttempts gives a job up after a day, with RetryWaits. Our
	// choice: a province that is away longer needs a person to look.
	DefaultMaxAttempts = 150
)

// Client stores and runs jobs. It is safe for concurrent use.
type Client struct {
	db     *database.DB
	log    *slog.Logger
	clock  clock.Clock
	config Config
	insert *river.Client[*sql.Tx] // stores jobs, runs none

	mu       sync.Mutex
	kinds    map[string]kind
	periodic []periodic
	err      error                  // the first refused Handle or Every
	worker   *river.Client[*sql.Tx] // nil unless running
	ended    chan struct{}          // signalled at each end of a job, for Idle
}

type kind struct {
	opts    Options
	handler Handler
}

type periodic struct {
	kind     string
	interval time.Duration
}

// New makes a client that runs nothing until Start.
func New(db *database.DB, log *slog.Logger, c clock.Clock, config Config) *Client {
	client := &Client{db: db, log: log, clock: c, config: config.withDefaults(db.Engine()),
		kinds: map[string]kind{}, ended: make(chan struct{}, 1)}
	client.insert, client.err = river.NewClient(driver(db), client.base())
	return client
}

// kindForm is narrower than River's own rule (two characters at least).
var kindForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// Handle has h run for each job of kind. Call it before Start. It fails with
// Internal JOB_KIND_REFUSED when the kind is malformed or has a handler, an
// option is negative, or the client has started; Start then fails with the
// same, so that no caller need look.
func (c *Client) Handle(name string, o Options, h Handler) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.kinds[name]; taken || !kindForm.MatchString(name) || h == nil ||
		o.Timeout < 0 || o.MaxAttempts < 0 || c.worker != nil {
		return c.refuse("jobs.Handle", name)
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = DefaultMaxAttempts
	}
	c.kinds[name] = kind{opts: o, handler: h}
	return nil
}

// Every has the handler of kind run each interval with payload null, in one
// process of all, and once when that process begins. A run that is still owed
// is not added to. Call it after Handle and before Start. It fails as Handle
// does, and for an interval below a second.
func (c *Client) Every(name string, interval time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.kinds[name]; !known || interval < time.Second || c.worker != nil {
		return c.refuse("jobs.Every", name)
	}
	c.periodic = append(c.periodic, periodic{name, interval})
	return nil
}

func (c *Client) refuse(op, name string) error {
	err := fault.New(op, fault.Internal, "JOB_KIND_REFUSED").Becausef("kind %q", name)
	if c.err == nil {
		c.err = err
	}
	return err
}

// Kinds gives the kinds with their options, for tests of structure and docs.
func (c *Client) Kinds() map[string]Options {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := make(map[string]Options, len(c.kinds))
	for name, k := range c.kinds {
		m[name] = k.opts
	}
	return m
}

// Enqueue stores j in u: it runs after u's commit, or never. It fails with
// Internal JOB_KIND_UNKNOWN when nobody handles its kind, and Internal
// JOB_PAYLOAD_MALFORMED when its payload is no JSON value.
func (c *Client) Enqueue(ctx context.Context, u unit.Unit, j Job) error {
	const op = "jobs.Enqueue"
	c.mu.Lock()
	k, known := c.kinds[j.Kind]
	c.mu.Unlock()
	if !known {
		return fault.New(op, fault.Internal, "JOB_KIND_UNKNOWN").Becausef("kind %q", j.Kind)
	}
	if !json.Valid(j.Payload) {
		return fault.New(op, fault.Internal, "JOB_PAYLOAD_MALFORMED").Becausef("kind %q", j.Kind)
	}
	if c.insert == nil {
		return fault.New(op, fault.Internal, "JOBS_MISCONFIGURED").Because(c.err)
	}
	opts := &river.InsertOpts{MaxAttempts: k.opts.MaxAttempts, Queue: riverQueue(k.opts.Lane)}
	if j.RunAt.After(c.clock.Now()) {
		opts.ScheduledAt = j.RunAt
	}
	_, err := c.insert.InsertTx(ctx, database.SQLTx(u), args{kind: j.Kind, payload: slices.Clone(j.Payload)}, opts)
	return database.Fault(op, err)
}

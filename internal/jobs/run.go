package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/unit"
)

// stopGrace is how long Stop still waits once it had to end the handlers'
// contexts: our choice.
const stopGrace = 2 * time.Second

// Start begins to run jobs. It returns at once; the end of ctx does not stop
// the jobs, Stop does. It fails with the first refused Handle or Every, or
// with Internal JOBS_MISCONFIGURED.
func (c *Client) Start(ctx context.Context) error {
	const op = "jobs.Start"
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return fault.Wrap(op, c.err)
	}
	if c.worker != nil {
		return fault.New(op, fault.Internal, "JOBS_MISCONFIGURED").Becausef("started already")
	}
	if err := c.takeBack(ctx); err != nil {
		return fault.Wrap(op, err)
	}
	w, err := river.NewClient(driver(c.db), c.running())
	if err != nil {
		return fault.New(op, fault.Internal, "JOBS_MISCONFIGURED").Because(err)
	}
	events, _ := w.Subscribe(river.EventKindJobCompleted, river.EventKindJobCancelled, river.EventKindJobFailed)
	go c.relay(events)
	if err := w.Start(context.WithoutCancel(ctx)); err != nil {
		return database.Fault(op, err)
	}
	c.worker = w
	return nil
}

// running is the configuration of the client that runs jobs.
func (c *Client) running() *river.Config {
	cfg := c.base()
	cfg.Workers = river.NewWorkers()
	longest := DefaultTimeout
	for name, k := range c.kinds {
		river.AddWorkerArgs(cfg.Workers, args{kind: name}, &worker{name: name, kind: k, log: c.log})
		longest = max(longest, k.opts.Timeout)
	}
	for _, p := range c.periodic {
		cfg.PeriodicJobs = append(cfg.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(p.interval),
			func() (river.JobArgs, *river.InsertOpts) {
				return args{kind: p.kind, payload: []byte("null")}, &river.InsertOpts{
					MaxAttempts: c.kinds[p.kind].opts.MaxAttempts,
					UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
						rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
						rivertype.JobStateRetryable, rivertype.JobStateScheduled}},
				}
			}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: c.config.Workers}}
	for _, k := range c.kinds {
		if lane := riverQueue(k.opts.Lane); lane != river.QueueDefault {
			cfg.Queues[lane] = river.QueueConfig{MaxWorkers: c.config.Workers}
		}
	}
	cfg.FetchPollInterval, cfg.FetchCooldown = c.config.Poll, c.config.Poll
	cfg.RetryPolicy = retry{c.clock, c.config.RetryWaits}
	cfg.JobTimeout = longest
	// A dead process's jobs are taken over after this: long after their
	// contexts ended, so that a living one has stopped.
	cfg.RescueStuckJobsAfter = max(cfg.RescueStuckJobsAfter, 2*longest+30*time.Second)
	return cfg
}

func riverQueue(lane queue.Lane) string {
	if lane == queue.Main {
		return river.QueueDefault
	}
	return string(lane)
}

// takeBack makes the jobs that a killed process left running available again.
// On SQLite one process runs jobs, so nobody else can be running them; on
// PostgreSQL the elected process rescues them when their time is over.
func (c *Client) takeBack(ctx context.Context) error {
	if c.db.Engine() != database.SQLite {
		return nil
	}
	return c.db.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		_, err := database.Tx(u).ExecContext(ctx, `update river_job set state = 'available' where state = 'running'`)
		return err
	})
}

func (c *Client) relay(events <-chan *river.Event) {
	for range events { // closed when the client stops
		select {
		case c.ended <- struct{}{}:
		default:
		}
	}
}

// Stop takes no new jobs and lets the running ones finish. When ctx ends first
// their contexts end, and those that fail by it run again after the next start.
func (c *Client) Stop(ctx context.Context) error {
	const op = "jobs.Stop"
	c.mu.Lock()
	w := c.worker
	c.worker = nil
	c.mu.Unlock()
	if w == nil {
		return nil
	}
	if w.Stop(ctx) == nil {
		return nil
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	return fault.Wrap(op, w.StopAndCancel(grace))
}

// Idle returns when no job is running or due, by this client's clock: what
// waits for a later time does not count. It is for tests and for the end of a
// demo; another unit may enqueue right after. It fails with Unavailable when
// ctx ends first.
func (c *Client) Idle(ctx context.Context) error {
	const op = "jobs.Idle"
	owed := river.NewJobListParams().States(rivertype.JobStateAvailable, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled, rivertype.JobStatePending).
		OrderBy(river.JobListOrderByScheduledAt, river.SortOrderAsc).First(1)
	tick := time.NewTicker(20 * time.Millisecond) // for jobs that end in another process
	defer tick.Stop()
	for {
		// What runs was due before whatever is not due yet, so the first tells.
		res, err := c.insert.JobList(ctx, owed)
		if err != nil {
			return database.Fault(op, err)
		}
		if len(res.Jobs) == 0 || (res.Jobs[0].State != rivertype.JobStateRunning && res.Jobs[0].ScheduledAt.After(c.clock.Now())) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fault.Wrap(op, ctx.Err())
		case <-c.ended:
		case <-tick.C:
		}
	}
}

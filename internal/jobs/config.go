package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
)

// Config is how a client runs. A zero field takes the default.
type Config struct {
	// Workers is how many jobs run at once in this process: 32 on PostgreSQL,
	// 8 on SQLite.
	Workers int
	// Poll is how often new jobs are looked for: 100 ms. Neither driver can listen.
	Poll time.Duration
	// RetryWaits is how long to wait after each failure; the last one holds
	// for all further. Nil takes RetryWaits().
	RetryWaits []time.Duration
}

// RetryWaits gives the default waits. Our choice: most failures are over in
// seconds, and a province that is away for hours is asked six times an hour.
func RetryWaits() []time.Duration {
	return []time.Duration{time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}
}

func (c Config) withDefaults(e database.Engine) Config {
	workers := 32
	if e == database.SQLite {
		workers = 8
	}
	c.Workers = cmp.Or(c.Workers, workers)
	c.Poll = cmp.Or(c.Poll, 100*time.Millisecond)
	if len(c.RetryWaits) == 0 {
		c.RetryWaits = RetryWaits()
	}
	return c
}

// base is what the storing and the running River client share.
func (c *Client) base() *river.Config {
	if _, real := c.clock.(clock.System); real {
		return &river.Config{Logger: quieter(c.log)}
	}
	// A clock that is held: River takes its time too, and starts at once
	// instead of spreading the start of many processes. Its rescuer and its
	// cleaner look at the machine's clock still, and would take every job for
	// one of long ago.
	return &river.Config{Logger: quieter(c.log, queueGone), TestOnly: true, Test: river.TestConfig{Time: held{c.clock}},
		RescueStuckJobsAfter: never, CancelledJobRetentionPeriod: -1, CompletedJobRetentionPeriod: -1, DiscardedJobRetentionPeriod: -1}
}

// never is longer than any held clock stands behind the machine's.
const never = 100 * 365 * 24 * time.Hour

// queueGone is what River warns of every two seconds when the held clock is
// behind the machine's: its queue cleaner looks at the latter and removes the
// queue's row, which nothing here needs.
const queueGone = "producer: Error fetching queue settings"

// held is a clock.Clock as River wants it.
type held struct{ clock.Clock }

func (h held) NowUTC() time.Time { return h.Now() }

func (h held) NowUTCOrNil() *time.Time { t := h.Now(); return &t }

func driver(db *database.DB) riverdriver.Driver[*sql.Tx] {
	if db.Engine() == database.PostgreSQL {
		return riverdatabasesql.New(db.Writer())
	}
	return riversqlite.New(db.Writer())
}

// Migrate brings the queue's tables to their newest form.
func Migrate(ctx context.Context, db *database.DB, log *slog.Logger) error {
	const op = "jobs.Migrate"
	m, err := rivermigrate.New(driver(db), &rivermigrate.Config{Logger: quieter(log)})
	if err != nil {
		return fault.New(op, fault.Internal, "MIGRATION_FAILED").Because(err)
	}
	return fault.Wrap(op, db.Alone(ctx, func(ctx context.Context) error {
		if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fault.New(op, fault.Internal, "MIGRATION_FAILED").Because(err)
		}
		return nil
	}))
}

// retry is RetryWaits as River wants it.
type retry struct {
	clock clock.Clock
	waits []time.Duration
}

// NextRetry spreads waits from ten seconds on by a tenth, so that the jobs
// that failed together do not come back together.
func (r retry) NextRetry(job *rivertype.JobRow) time.Time {
	wait := r.waits[min(len(job.Errors), len(r.waits)-1)]
	if wait >= 10*time.Second {
		wait += rand.N(wait / 10)
	}
	// On SQLite River writes this time in a form that compares as a moment
	// later than the same time asked for; a millisecond makes up for it.
	return r.clock.Now().Add(wait - time.Millisecond)
}

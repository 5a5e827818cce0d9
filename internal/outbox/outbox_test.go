package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/jobs"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

var _ outbox.Enqueuer = (*jobs.Client)(nil)

type caseMoved struct {
	Case ids.CaseID `json:"case"`
}

func (caseMoved) EventKind() string { return "casework.case_moved" }

type unheard struct{}

func (unheard) EventKind() string { return "casework.unheard" }

type malformed struct{ F func() }

func (malformed) EventKind() string { return "casework.malformed" }

type nameless struct{}

func (nameless) EventKind() string { return "nameless" }

type seen struct {
	subscriber string
	id         ids.EventID
	event      caseMoved
}

type fixture struct {
	t      *testing.T
	db     *database.DB
	clock  *clock.Fixed
	client *jobs.Client
	outbox *outbox.Outbox

	mu   sync.Mutex
	seen []seen
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	databasetest.Each(t, nil, func(t *testing.T, db *database.DB) {
		log, c := slog.New(slog.DiscardHandler), clock.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		if err := jobs.Migrate(t.Context(), db, log); err != nil {
			t.Fatal(err)
		}
		x := &fixture{t: t, db: db, clock: c, client: jobs.New(db, log, c, jobs.Config{Poll: 2 * time.Millisecond})}
		x.outbox = outbox.New(x.client, ids.Random())
		f(t, x)
	})
}

// subscribe has answer decide each attempt's outcome; what was seen is kept.
func (x *fixture) subscribe(name string, answer func(attempt int) error) {
	x.t.Helper()
	n := 0
	err := outbox.Subscribe(x.outbox, name, outbox.Options{}, func(_ context.Context, id ids.EventID, e caseMoved) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.seen = append(x.seen, seen{name, id, e})
		n++
		return answer(n)
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func fine(int) error { return nil }

func (x *fixture) run(advance ...time.Duration) {
	x.t.Helper()
	if err := x.client.Start(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(x.t.Context(), 20*time.Second)
	defer cancel()
	for _, d := range append([]time.Duration{0}, advance...) {
		x.clock.Advance(d)
		if err := x.client.Idle(ctx); err != nil {
			x.t.Fatal(err)
		}
	}
	if err := x.client.Stop(ctx); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) append(e outbox.Event) error {
	return x.db.Do(x.t.Context(), func(ctx context.Context, u unit.Unit) error { return x.outbox.Append(ctx, u, e) })
}

func TestEachSubscriberGetsTheEventUnderOneId(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.subscribe("push", fine)
		x.subscribe("rating", fine)
		if err := x.append(caseMoved{Case: "case_1"}); err != nil {
			t.Fatal(err)
		}
		x.run()
		if len(x.seen) != 2 || x.seen[0].subscriber == x.seen[1].subscriber {
			t.Fatalf("%+v", x.seen)
		}
		if a, b := x.seen[0], x.seen[1]; a.id != b.id || a.id == "" || a.event.Case != "case_1" || b.event != a.event {
			t.Fatalf("%+v", x.seen)
		}
	})
}

func TestAFailingSubscriberIsTriedAgainAloneUnderTheSameId(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.subscribe("push", func(attempt int) error {
			if attempt == 1 {
				return errors.New("away")
			}
			return nil
		})
		x.subscribe("rating", fine)
		if err := x.append(caseMoved{Case: "case_1"}); err != nil {
			t.Fatal(err)
		}
		x.run(time.Second)
		count := map[string]int{}
		for _, s := range x.seen {
			count[s.subscriber]++
			if s.id != x.seen[0].id {
				t.Errorf("another id: %+v", x.seen)
			}
		}
		if count["push"] != 2 || count["rating"] != 1 {
			t.Fatalf("%v", count)
		}
	})
}

func TestAnUndoneUnitTellsNobody(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.subscribe("push", fine)
		err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return errors.Join(x.outbox.Append(ctx, u, caseMoved{Case: "case_1"}), errors.New("no"))
		})
		x.run()
		if err == nil || len(x.seen) != 0 {
			t.Fatalf("%v %+v", err, x.seen)
		}
	})
}

func TestAnEventNobodyWantsIsFine(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if err := x.append(unheard{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMalformedEventsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		if err := outbox.Subscribe(x.outbox, "push", outbox.Options{}, func(context.Context, ids.EventID, malformed) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for _, e := range []outbox.Event{malformed{}, nameless{}} {
			if err := x.append(e); fault.CodeOf(err) != "EVENT_MALFORMED" {
				t.Errorf("%s: %v", e.EventKind(), err)
			}
		}
	})
}

func TestSubscriptionMistakesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.subscribe("push", fine)
		f := func(context.Context, ids.EventID, caseMoved) error { return nil }
		for name, err := range map[string]error{
			"twice":            outbox.Subscribe(x.outbox, "push", outbox.Options{}, f),
			"a malformed room": outbox.Subscribe(x.outbox, "Push!", outbox.Options{}, f),
			"a nameless event": outbox.Subscribe(x.outbox, "push", outbox.Options{}, func(context.Context, ids.EventID, nameless) error { return nil }),
		} {
			if fault.CodeOf(err) != "SUBSCRIPTION_REFUSED" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnUnreadablePayloadEndsTheJob(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.subscribe("push", fine)
		for _, p := range []string{`{}`, `{"id":"evt_1","event":3}`} {
			if err := x.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				return x.client.Enqueue(ctx, u, jobs.Job{Kind: "casework.case_moved.push", Payload: []byte(p)})
			}); err != nil {
				t.Fatal(err)
			}
		}
		x.run(time.Hour)
		if len(x.seen) != 0 {
			t.Fatalf("%+v", x.seen)
		}
		n, err := database.Get(t.Context(), x.db.Read(), database.One[int64], "select count(*) from river_job where state = 'cancelled'")
		if err != nil || n != 2 {
			t.Fatalf("%d cancelled: %v", n, err)
		}
	})
}

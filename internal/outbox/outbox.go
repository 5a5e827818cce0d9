package outbox

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"sync"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/unit"
)

// Event is something that happened. It is a JSON value, and its kind depends
// on its type alone.
type Event interface {
	// EventKind names the type of event: room, dot, what happened, such as
	// "casework.case_moved".
	EventKind() string
}

// Appender is what services take to tell what happened; *Outbox is one.
type Appender interface {
	// Append has each subscriber of e's kind run once u commits. It fails with
	// Internal EVENT_MALFORMED when e is no JSON value or its kind is malformed.
	Append(ctx context.Context, u unit.Unit, e Event) error
}

// Options are how a subscriber's jobs are run.
type Options = queue.Options

// Enqueuer stores and runs jobs; *jobs.Client is one.
type Enqueuer interface {
	// Handle has h run for each job of kind. It fails when kind has a handler
	// already or the engine runs.
	Handle(kind string, o queue.Options, h queue.Handler) error
	// Enqueue stores j in u.
	Enqueue(ctx context.Context, u unit.Unit, j queue.Job) error
}

// Outbox knows the subscribers of each kind of event. It is safe for
// concurrent use.
type Outbox struct {
	queue Enqueuer
	ids   *ids.Source

	mu          sync.RWMutex
	subscribers map[string][]string // by event kind, in the order they came
}

var _ Appender = (*Outbox)(nil)

// New makes an outbox without subscribers.
func New(q Enqueuer, source *ids.Source) *Outbox {
	return &Outbox{queue: q, ids: source, subscribers: map[string][]string{}}
}

type envelope struct {
	ID    ids.EventID     `json:"id"`
	Event json.RawMessage `json:"event"`
}

var (
	kindForm       = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
	subscriberForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// Append enqueues one job for each subscriber, as Appender promises. An event
// that nobody subscribed to is fine.
func (o *Outbox) Append(ctx context.Context, u unit.Unit, e Event) error {
	const op = "outbox.Append"
	kind := e.EventKind()
	if !kindForm.MatchString(kind) {
		return fault.New(op, fault.Internal, "EVENT_MALFORMED").Becausef("kind %q", kind)
	}
	o.mu.RLock()
	subscribers := slices.Clone(o.subscribers[kind])
	o.mu.RUnlock()
	if len(subscribers) == 0 {
		return nil
	}
	event, err := json.Marshal(e)
	if err != nil {
		return fault.New(op, fault.Internal, "EVENT_MALFORMED").Becausef("event %s is no JSON value", kind)
	}
	payload, err := json.Marshal(envelope{ID: ids.EventID(o.ids.New("evt")), Event: event})
	if err != nil {
		return fault.New(op, fault.Internal, "EVENT_MALFORMED").Becausef("event %s is no JSON value", kind)
	}
	for _, s := range subscribers {
		if err := o.queue.Enqueue(ctx, u, queue.Job{Kind: kind + "." + s, Payload: payload}); err != nil {
			return fault.Wrap(op, err)
		}
	}
	return nil
}

// Subscribe has f run for each event of type E, as the room named by
// subscriber. Call it before the jobs start. f runs at least once; the id is
// the same at each attempt. It fails with Internal SUBSCRIPTION_REFUSED when
// the names are malformed, the room subscribed already, or the jobs have started.
func Subscribe[E Event](o *Outbox, subscriber string, opts Options, f func(ctx context.Context, id ids.EventID, e E) error) error {
	const op = "outbox.Subscribe"
	var zero E
	kind := zero.EventKind()
	refused := fault.New(op, fault.Internal, "SUBSCRIPTION_REFUSED")
	if !kindForm.MatchString(kind) || !subscriberForm.MatchString(subscriber) {
		return refused.Becausef("event %q, subscriber %q", kind, subscriber)
	}
	handle := func(ctx context.Context, payload []byte) error {
		id, event, err := open[E](payload)
		if err != nil {
			return err
		}
		return f(ctx, id, event)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if slices.Contains(o.subscribers[kind], subscriber) {
		return refused.Becausef("%s subscribed to %s already", subscriber, kind)
	}
	if err := o.queue.Handle(kind+"."+subscriber, opts, handle); err != nil {
		return refused.Because(err)
	}
	o.subscribers[kind] = append(o.subscribers[kind], subscriber)
	return nil
}

// open reads a payload. What can't be read today can't be read tomorrow: the
// failure is Invalid, which ends the job.
func open[E Event](payload []byte) (ids.EventID, E, error) {
	var env envelope
	var event E
	err := json.Unmarshal(payload, &env)
	if err == nil {
		err = json.Unmarshal(env.Event, &event)
	}
	if err != nil || env.ID == "" {
		return "", event, fault.New("outbox.handle", fault.Invalid, "EVENT_UNREADABLE")
	}
	return env.ID, event, nil
}

package front

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
)

const (
	// beat is how often a stream that has nothing to say says so, and how often
	// its token is looked at again. Our choice: below the 30 s after which
	// mobile carriers forget an idle connection.
	beat = 12 * time.Second
	// StreamsEach is how many streams one person, officer or visit may hold open
	// in a process. Our choice: five devices with four screens each.
	StreamsEach = 20
	// writeWithin is how long one message may take to leave. Who reads slower
	// than this has gone.
	writeWithin = 10 * time.Second
)

// Live is what subscriptions need; the zero Live has none.
type Live struct {
	// Changes wakes a stream when its sign-in ends.
	Changes changes.Watcher
	// Closing ends all streams when it is closed; clients connect again,
	// elsewhere.
	Closing <-chan struct{}
	// Beat is how often streams give a sign of life; 0 takes 12 s.
	Beat time.Duration
	// InitWithin is how long a WebSocket may stay before it says who it is; 0
	// takes 5 s.
	InitWithin time.Duration
}

// Why a stream is cut without a word, so that its client connects again.
var (
	errClosing = errors.New("front: this process ends")
	errRenew   = errors.New("front: a new token is needed")
)

// seats counts the streams of each caller.
type seats struct {
	mu    sync.Mutex
	taken map[string]int
}

// seated names who holds a stream; empty for nobody.
func seated(f reqctx.Facts) string {
	switch {
	case f.Officer.ID != "":
		return "officer/" + string(f.Officer.ID)
	case f.Visit.App != "":
		return "visit/" + string(f.Visit.ID)
	}
	return string(acting(f.Actor))
}

// take gives a seat to a caller, or the refusal of one too many.
func (s *seats) take(who string) (leave func(), no *refusal) {
	if who == "" {
		return func() {}, nil // nobody subscribes to anything; a query ends by itself
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = map[string]int{}
	}
	if s.taken[who] >= StreamsEach {
		return nil, refuse(http.StatusTooManyRequests, over(fault.New("front.take", fault.RateLimited, "STREAMS_TOO_MANY").After(beat), StreamsEach))
	}
	s.taken[who]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taken[who]--; s.taken[who] == 0 {
			delete(s.taken, who)
		}
	}), nil
}

// guarded gives a context that ends when the sign-in behind token does: at once
// when the tail of changes tells of it, and with the token's own end. Its cause
// is a fault to tell, errRenew or errClosing.
func (f *Front) guarded(ctx context.Context, token string, facts reqctx.Facts) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	var keys []changes.Key
	if facts.Session != "" {
		keys = append(keys, changes.Session(facts.Session), changes.Subject(facts.Actor.Subject))
		if facts.Actor.By != "" {
			keys = append(keys, changes.Subject(facts.Actor.By))
		}
		if facts.Actor.Mandate != "" {
			keys = append(keys, changes.Mandate(facts.Actor.Mandate))
		}
	}
	woken, stop := f.Live.Changes.Watch(keys...)
	// What ended between the request's own check and the watch is seen here.
	if why := f.ended(ctx, token); why != nil {
		cancel(why)
	}
	go func() {
		defer stop()
		tick := time.NewTicker(f.beat())
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-f.Live.Closing:
				cancel(errClosing)
				return
			case <-woken:
			case <-tick.C:
			}
			if why := f.ended(ctx, token); why != nil {
				cancel(why)
				return
			}
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

func (f *Front) beat() time.Duration { return cmp.Or(f.Live.Beat, beat) }

// ended tells why a token is worth nothing any more; nil while it is.
func (f *Front) ended(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	err := f.Verifier.Stands(ctx, token)
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case fault.Is(err, fault.Unavailable) || fault.CodeOf(err) == "TOKEN_EXPIRED":
		return errRenew // nobody can tell, or the client knows what to do
	}
	return worthless(err)
}

// follow runs an operation and hands each response on until there is none, or
// emit fails. The next is asked for when emit has returned: nothing piles up.
func (f *Front) follow(ctx context.Context, operation *graphql.OperationContext, emit func(*graphql.Response) error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = f.recover(ctx, thrown)
		}
	}()
	ctx = graphql.WithOperationContext(graphql.StartOperationTrace(ctx), operation)
	next, ctx := f.exec.DispatchOperation(ctx, operation)
	for {
		res := next(ctx)
		if res == nil || ctx.Err() != nil {
			return nil
		}
		if err := emit(res); err != nil {
			return err
		}
		if operation.Operation.Operation != "subscription" {
			return nil
		}
	}
}

// told gives the response that says err.
func (f *Front) told(ctx context.Context, errs ...error) *graphql.Response {
	res := &graphql.Response{}
	for _, err := range errs[:min(len(errs), MaxErrors)] {
		res.Errors = append(res.Errors, f.Answers.Present(ctx, err))
	}
	return res
}

// last gives what to tell a client when its stream ended for cause; nil to cut
// it, or where the client itself left.
func (f *Front) last(ctx context.Context, cause error) *graphql.Response {
	if e, ok := errors.AsType[*fault.Error](cause); ok {
		return f.told(context.WithoutCancel(ctx), e)
	}
	return nil
}

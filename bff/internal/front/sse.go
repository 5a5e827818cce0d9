package front

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/internal/reqctx"
)

const mediaEvents = "text/event-stream"

// wantsEvents tells whether r is to be answered in graphql-sse's distinct
// connections mode. Who takes JSON as well, as urql does for everything, gets
// events for a subscription alone.
func (f *Front) wantsEvents(r *http.Request) bool {
	accept := r.Header.Values("Accept")
	if f.Live.Changes == nil || r.Method != http.MethodPost || !strings.Contains(strings.ToLower(strings.Join(accept, ",")), mediaEvents) {
		return false
	}
	return negotiate(accept) == "" || f.subscribes(r)
}

// subscribes tells whether the body asks for a subscription, and leaves it to
// be read again.
func (f *Front) subscribes(r *http.Request) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	p := &params{}
	if err != nil || len(body) > MaxBody || decode(body, p) != nil {
		return false
	}
	d, no := f.find(r.Context(), p)
	if no != nil {
		return false
	}
	op := d.ast.Operations.ForName(p.OperationName)
	return op != nil && op.Operation == ast.Subscription
}

// serveEvents answers one operation as a stream of events. What HTTP, token or
// limiter refuse is refused as always; what is wrong with the document comes as
// an event, since browsers show scripts nothing of a stream that failed.
func (f *Front) serveEvents(w http.ResponseWriter, r *http.Request) {
	v := f.open(w, r)
	v.live = true
	began := f.Clock.Now()
	operation, no := f.admitted(w.Header(), r, v)
	if no != nil && no.legacy != http.StatusOK {
		a := f.refused(w, v, no)
		a.write(w)
		f.observe(v, a, began)
		return
	}
	leave, full := f.seats.take(seated(v.facts))
	if full != nil {
		a := f.refused(w, v, full)
		a.write(w)
		f.observe(v, a, began)
		return
	}
	defer leave()
	e := newEvents(w)
	if no != nil {
		res := f.told(v.ctx, no.errs...)
		_ = e.next(res)
		e.complete()
		f.observe(v, reply{status: http.StatusOK, errs: res.Errors}, began)
		return
	}
	f.stream(e, v, operation)
	f.observe(v, reply{status: http.StatusOK}, began)
}

func (f *Front) stream(e *events, v *visit, operation *graphql.OperationContext) {
	ctx, end := f.guarded(v.ctx, v.token, v.facts)
	defer end()
	var beating sync.WaitGroup
	beating.Go(func() { e.beat(ctx, f.beat()) })
	err := f.follow(ctx, operation, e.next)
	cause := context.Cause(ctx)
	end()
	beating.Wait()
	switch res := f.last(reqctx.With(context.WithoutCancel(ctx), v.facts), errors.Join(cause, err)); {
	case res != nil:
		_ = e.next(res)
		e.complete()
	case cause == nil && err == nil:
		e.complete()
	}
}

// events writes server-sent events. It is safe for concurrent use.
type events struct {
	mu  sync.Mutex
	w   http.ResponseWriter
	out *http.ResponseController
}

// newEvents begins the stream. The listener's deadlines are for requests that
// end; each write gets one of its own.
func newEvents(w http.ResponseWriter) *events {
	h := w.Header()
	h.Set("Content-Type", mediaEvents+"; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would collect the events
	e := &events{w: w, out: http.NewResponseController(w)}
	_ = e.out.SetReadDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)
	_ = e.write([]byte(":\n\n"))
	return e
}

func (e *events) write(b []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.out.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.out.Flush()
}

func (e *events) next(res *graphql.Response) error {
	data, err := json.Marshal(res)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("event: next\ndata: ")
	b.Write(data) // JSON has no line break outside of strings, and none inside
	b.WriteString("\n\n")
	return e.write(b.Bytes())
}

func (e *events) complete() { _ = e.write([]byte("event: complete\ndata:\n\n")) }

// beat writes a comment now and then until ctx ends.
func (e *events) beat(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = e.write([]byte(":\n\n"))
		}
	}
}

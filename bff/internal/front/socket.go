package front

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
)

// restAtLeast is how long who is over a limit is not read. Our choice: what
// bounds the work of a line that never stops sending.
const restAtLeast = 100 * time.Millisecond

// subprotocol is the one of npm's graphql-ws; its older namesake is not spoken.
const subprotocol = "graphql-transport-ws"

// initWithin is how long a connection may stay before it says who it is. Our
// choice: as long as a request's headers may take.
const initWithin = 5 * time.Second

// The protocol's own close codes, and those of RFC 6455 that we use.
const (
	closeGoing       = 1001
	closeLater       = 1013
	closeBadMessage  = 4400
	closeWorthless   = 4401 // clients do not try again
	closeRenew       = 4403 // clients try again, with a new token
	closeSubprotocol = 4406
	closeInitLate    = 4408
	closeSameID      = 4409
	closeInitTwice   = 4429
)

// wantsSocket tells whether r asks for a WebSocket.
func (f *Front) wantsSocket(r *http.Request) bool {
	return f.Live.Changes != nil && r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// socket is one connection. Messages are read one after the other; operations
// run beside each other.
type socket struct {
	front *Front
	conn  transport.WebsocketConn
	r     *http.Request
	facts reqctx.Facts
	ctx   context.Context
	end   context.CancelFunc
	known bool   // connection_init was answered
	leave func() // the seat that the connection has

	mu      sync.Mutex
	running map[string]*operation
	ops     sync.WaitGroup
}

// operation is one that runs on a socket: an id may come again when its client
// has said complete, and the one before it may still be on its way out.
type operation struct{ cancel context.CancelFunc }

// message is what both sides send.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func (f *Front) serveSocket(w http.ResponseWriter, r *http.Request) {
	v := f.open(w, r)
	if late := f.charge(v.ctx, v.facts, 1); late != nil {
		a := f.refused(w, v, late)
		a.write(w)
		return
	}
	conn, err := transport.CoderWebsocketImplementation{}.Accept(w, r, transport.WebsocketAcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return // it has answered
	}
	if conn.Subprotocol() != subprotocol {
		_ = conn.WriteClose(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	if limited, ok := conn.(transport.WebsocketReadLimiter); ok {
		limited.SetReadLimit(MaxBody + 1<<10)
	}
	ctx, end := context.WithCancel(v.ctx)
	s := &socket{front: f, conn: conn, r: r, facts: v.facts, ctx: ctx, end: end, leave: func() {}, running: map[string]*operation{}}
	s.serve()
}

func (s *socket) serve() {
	late := time.AfterFunc(cmp.Or(s.front.Live.InitWithin, initWithin), func() { s.close(closeInitLate, "Connection initialisation timeout") })
	defer late.Stop()
	for {
		m, err := s.read()
		if err != nil {
			break
		}
		if m.Type == "connection_init" {
			late.Stop()
		}
		if !s.take(m) {
			break
		}
	}
	s.end()
	s.leave()
	s.ops.Wait()
	_ = s.conn.Close()
}

// read gives the next message; silence for three beats ends the connection.
func (s *socket) read() (message, error) {
	if bounded, ok := s.conn.(transport.WebsocketReadDeadliner); ok {
		_ = bounded.SetReadDeadline(time.Now().Add(max(3*s.front.beat(), initWithin)))
	}
	_, from, err := s.conn.NextReader()
	if err != nil {
		return message{}, err
	}
	raw, err := io.ReadAll(from)
	if err != nil {
		return message{}, err
	}
	var m message
	if json.Unmarshal(raw, &m) != nil || m.Type == "" {
		s.close(closeBadMessage, "Invalid message")
		return message{}, errors.New("front: not a message")
	}
	return m, nil
}

// take acts on a message; false where the connection is over. Each costs its
// caller one, and who sends more than they may is not read for a while.
func (s *socket) take(m message) bool {
	if m.Type == "connection_init" {
		return s.init(m.Payload)
	}
	late := s.front.charge(s.ctx, s.facts, 1)
	on := s.act(m, late)
	if on && late != nil {
		s.rest(late)
	}
	return on
}

// rest lets time pass until the caller may ask again, and no longer than their
// client would take for a cut line.
func (s *socket) rest(late *refusal) {
	e, _ := errors.AsType[*fault.Error](late.errs[0])
	over := time.NewTimer(min(max(e.Retry, restAtLeast), initWithin))
	defer over.Stop()
	select {
	case <-over.C:
	case <-s.ctx.Done():
	}
}

// act acts on a message of a caller who is late: who may not ask now.
func (s *socket) act(m message, late *refusal) bool {
	switch m.Type {
	case "ping":
		if late == nil {
			_ = s.send(message{Type: "pong"})
		}
	case "pong":
	case "subscribe":
		return s.subscribe(m, late)
	case "complete":
		s.stop(m.ID)
	default:
		s.close(closeBadMessage, "Invalid message")
		return false
	}
	return true
}

// init learns who this is: by the token and the proof of the payload, as browsers
// can't set headers here, or of the request. A connection may carry changes, so
// its proof is good once.
func (s *socket) init(payload json.RawMessage) bool {
	if s.known {
		s.close(closeInitTwice, "Too many initialisation requests")
		return false
	}
	var said struct{ Authorization, DPoP string } // the names' case does not matter
	_ = json.Unmarshal(payload, &said)
	r := s.r.Clone(s.ctx)
	if said.Authorization != "" {
		r.Header.Set("Authorization", said.Authorization)
		r.Header.Del("DPoP")
	}
	if said.DPoP != "" {
		r.Header.Set("DPoP", said.DPoP)
	}
	who, no := s.front.authenticate(s.ctx, r, s.facts)
	if no == nil {
		no = s.front.spend(s.ctx, who, sender.Change)
	}
	if no != nil {
		if late := s.front.charge(s.ctx, s.facts, 1); late != nil {
			s.close(closeLater, "RATE_LIMITED")
			return false
		}
		s.part(no.errs[0])
		return false
	}
	if who.token == "" { // nobody may follow anything, and all else is asked by POST
		s.close(closeWorthless, "SIGN_IN_REQUIRED")
		return false
	}
	leave, full := s.front.sockets.take(seated(who.facts))
	if full != nil {
		s.close(closeLater, "STREAMS_TOO_MANY")
		return false
	}
	s.facts, s.known, s.leave = who.facts, true, leave
	ctx, end := s.front.guarded(reqctx.With(s.ctx, who.facts), who.token, who.facts)
	before := s.end
	s.ctx, s.end = ctx, func() { end(); before() }
	_ = s.send(message{Type: "connection_ack"})
	s.ops.Go(s.beat)
	return true
}

// beat gives a sign of life now and then, and parts when the sign-in ends.
func (s *socket) beat() {
	tick := time.NewTicker(s.front.beat())
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			if cause := context.Cause(s.ctx); !errors.Is(cause, context.Canceled) {
				s.part(cause)
			}
			return
		case <-tick.C:
			_ = s.send(message{Type: "ping"})
		}
	}
}

// part tells every operation why the connection ends, where there is something
// to tell, and ends it.
func (s *socket) part(cause error) {
	e, isFault := errors.AsType[*fault.Error](cause)
	switch {
	case errors.Is(cause, errClosing):
		s.close(closeGoing, "going away")
	case errors.Is(cause, errRenew), isFault && e.Code == "TOKEN_EXPIRED":
		s.close(closeRenew, "TOKEN_EXPIRED")
	case isFault && e.Code == "DPOP_NONCE_REQUIRED":
		s.close(closeRenew, e.Code) // any request tells the nonce
	case isFault && e.Kind == fault.Unavailable:
		s.close(closeLater, "UNAVAILABLE")
	case isFault:
		told := s.front.told(reqctx.With(context.WithoutCancel(s.ctx), s.facts), e)
		for _, id := range s.ids() {
			s.refuse(id, told)
		}
		s.close(closeWorthless, e.Code)
	default:
		s.close(closeGoing, "going away")
	}
}

func (s *socket) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for id := range s.running {
		list = append(list, id)
	}
	return list
}

// subscribe begins an operation.
func (s *socket) subscribe(m message, late *refusal) bool {
	if !s.known {
		s.close(closeWorthless, "Unauthorized")
		return false
	}
	if m.ID == "" || len(m.ID) > 128 {
		s.close(closeBadMessage, "Invalid message")
		return false
	}
	if late != nil {
		s.refuse(m.ID, s.front.told(reqctx.With(s.ctx, s.facts), late.errs...))
		return true
	}
	p := &params{}
	if decode(m.Payload, p) != nil {
		s.close(closeBadMessage, "Invalid message")
		return false
	}
	ctx, op := s.begin(m.ID)
	if op == nil {
		s.close(closeSameID, "Subscriber already exists")
		return false
	}
	s.ops.Go(func() {
		errs := s.run(ctx, m.ID, p)
		switch {
		case !s.finish(m.ID, op):
		case errs != nil:
			s.refuse(m.ID, errs)
		default:
			_ = s.send(message{ID: m.ID, Type: "complete"})
		}
	})
	return true
}

// begin lists a new operation and gives its context; nil for an id that runs
// already.
func (s *socket) begin(id string) (context.Context, *operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id] != nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	op := &operation{cancel}
	s.running[id] = op
	return ctx, op
}

// finish takes an operation that has ended off the list, and tells whether its
// client is to hear of it. It is not where the client has left it, and where
// the connection ends: part says why, to all that are listed still.
func (s *socket) finish(id string, op *operation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	op.cancel()
	if s.running[id] != op || s.ctx.Err() != nil {
		return false
	}
	delete(s.running, id)
	return true
}

// run gives what to tell of the operation's end; nil where it is complete.
func (s *socket) run(ctx context.Context, id string, p *params) *graphql.Response {
	f, began := s.front, s.front.Clock.Now()
	v := &visit{ctx: ctx, facts: s.facts, name: "other", media: mediaJSON, live: true}
	operation, no := f.prepareParams(v, s.r, p)
	if more := v.cost - 1; more > 0 { // the message itself is paid for
		if late := f.charge(ctx, v.facts, more); late != nil {
			no = late
		}
	}
	leave := func() {}
	if no == nil {
		leave, no = f.seats.take(seated(v.facts))
	}
	if no != nil {
		res := f.told(ctx, no.errs...)
		f.observe(v, reply{status: http.StatusOK, errs: res.Errors}, began)
		return res
	}
	defer leave()
	err := f.follow(ctx, operation, func(res *graphql.Response) error {
		payload, err := json.Marshal(res)
		if err != nil {
			return err
		}
		return s.send(message{ID: id, Type: "next", Payload: payload})
	})
	f.observe(v, reply{status: http.StatusOK}, began)
	return f.last(ctx, err)
}

// refuse ends an operation by its errors.
func (s *socket) refuse(id string, res *graphql.Response) {
	if payload, err := json.Marshal(res.Errors); err == nil {
		_ = s.send(message{ID: id, Type: "error", Payload: payload})
	}
}

// stop ends an operation that its client has left.
func (s *socket) stop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if op := s.running[id]; op != nil {
		op.cancel()
		delete(s.running, id)
	}
}

// send writes a message; who does not take it in time is cut off.
func (s *socket) send(m message) error {
	slow := time.AfterFunc(writeWithin, func() { _ = s.conn.Close() })
	defer slow.Stop()
	return s.conn.WriteJSON(m)
}

func (s *socket) close(code int, reason string) {
	_ = s.conn.WriteClose(code, cmp.Or(reason, "closed"))
}

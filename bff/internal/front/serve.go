package front

import (
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/internal/waterfall"
)

// visit is one request on its way.
type visit struct {
	ctx   context.Context
	facts reqctx.Facts
	token string // empty for who is not signed in
	media string
	name  string // of the trusted document
	cost  int
	live  bool // it may be answered more than once
	noted bool // a developer wants to see where the time went
	asks  *document
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := f.Clock.Now()
	v := f.open(w, r)
	a := f.answer(w, r, v)
	a.write(w)
	f.observe(v, a, began)
}

// open begins a visit.
func (f *Front) open(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{facts: f.facts(r), name: "other", media: mediaJSON}
	v.ctx = reqctx.With(r.Context(), v.facts)
	h := w.Header()
	h.Set("X-Request-Id", v.facts.RequestID)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Accept-Language, Authorization")
	return v
}

func (f *Front) observe(v *visit, a reply, began time.Time) {
	o := Observation{Front: f.Name, Operation: v.name, Status: a.status, Cost: v.cost, Took: f.Clock.Now().Sub(began)}
	if len(a.errs) > 0 {
		o.Code, _ = a.errs[0].Extensions["code"].(string)
	}
	f.Observe(o)
}

// answer gives the reply to r; a panic of ours is an INTERNAL, never a cut line.
func (f *Front) answer(w http.ResponseWriter, r *http.Request, v *visit) (a reply) {
	defer func() {
		if thrown := recover(); thrown != nil {
			a = f.refused(w, v, &refusal{errs: []error{f.recover(v.ctx, thrown)}, status: 500, legacy: 500})
		}
	}()
	media := negotiate(r.Header.Values("Accept"))
	if media == "" {
		return f.refused(w, v, refuse(http.StatusNotAcceptable, fault.New("front.answer", fault.Invalid, "ACCEPT_UNSUPPORTED")))
	}
	v.media = media
	operation, no := f.admitted(w.Header(), r, v)
	if no != nil {
		return f.refused(w, v, no)
	}
	return f.execute(v, operation)
}

// admitted gives the operation of a visit that passed the door and all limits.
// h are the answer's headers.
func (f *Front) admitted(h http.Header, r *http.Request, v *visit) (*graphql.OperationContext, *refusal) {
	who, no := f.authenticate(v.ctx, r, v.facts)
	if no != nil {
		if late := f.charge(v.ctx, v.facts, 1); late != nil {
			no = late // who guesses tokens is slowed down by network
		}
		return nil, no
	}
	v.facts, v.token, v.ctx = who.facts, who.token, reqctx.With(r.Context(), who.facts)
	sender.Renew(h, f.Verifier, who.shown)
	operation, no := f.prepare(v, r)
	if late := f.settle(v.ctx, who, v.cost, useOf(operation)); late != nil {
		return nil, late // a wrong document is charged as one field
	}
	return operation, no
}

// useOf tells whether the operation may happen twice; a document that was
// refused does nothing.
func useOf(operation *graphql.OperationContext) sender.Use {
	if operation != nil && operation.Operation.Operation == ast.Mutation {
		return sender.Change
	}
	return sender.Read
}

// prepare gives the operation that r asks for, within all limits.
func (f *Front) prepare(v *visit, r *http.Request) (*graphql.OperationContext, *refusal) {
	p, no := f.read(r)
	if no != nil {
		return nil, no
	}
	operation, no := f.prepareParams(v, r, p)
	if no != nil {
		return nil, no
	}
	if r.Method == http.MethodGet && operation.Operation.Operation != ast.Query {
		return nil, refuse(http.StatusMethodNotAllowed, fault.New("front.prepare", fault.Invalid, "METHOD_NOT_ALLOWED"))
	}
	return operation, nil
}

// prepareParams is prepare for what was read already.
func (f *Front) prepareParams(v *visit, r *http.Request, p *params) (*graphql.OperationContext, *refusal) {
	d, no := f.find(v.ctx, p)
	if no != nil {
		return nil, no
	}
	v.asks = d
	v.noted = f.Profile == config.Dev && p.Extensions["waterfall"] == true
	if d.name != "" {
		v.name = d.name
	}
	operation, cost, no := f.operation(d, p, r.Header)
	if no != nil {
		return nil, no
	}
	v.cost = cost
	if operation.Operation.Operation == ast.Subscription && !v.live {
		return nil, decline(fault.New("front.prepare", fault.Invalid, "SUBSCRIPTION_NOT_HERE"))
	}
	return operation, nil
}

func (f *Front) execute(v *visit, operation *graphql.OperationContext) (a reply) {
	a = reply{media: v.media, status: http.StatusOK}
	if v.noted {
		ctx, notes := waterfall.Noting(v.ctx)
		v.ctx = ctx
		defer func() { a.extensions = extensionsOf(notes) }()
	}
	kept, ctx, made := f.replay(v.ctx, v.facts, v.asks, operation)
	if kept != nil {
		a.data = kept
		return a
	}
	ctx = graphql.WithOperationContext(graphql.StartOperationTrace(ctx), operation)
	next, ctx := f.exec.DispatchOperation(ctx, operation)
	if res := next(ctx); res != nil {
		a.data, a.errs = res.Data, res.Errors
		f.remember(made, res)
	}
	return a
}

// refused gives the reply of a refusal in the visit's media type.
func (f *Front) refused(w http.ResponseWriter, v *visit, no *refusal) reply {
	no.headers(w.Header())
	if no.status == http.StatusUnauthorized {
		sender.Challenge(w.Header(), f.Verifier, fault.CodeOf(no.errs[0]))
	}
	a := reply{media: v.media, status: no.status}
	if v.media == mediaJSON {
		a.status = no.legacy
	}
	for _, err := range no.errs[:min(len(no.errs), MaxErrors)] {
		var told *gqlerror.Error = f.Answers.Present(v.ctx, err)
		a.errs = append(a.errs, told)
	}
	return a
}

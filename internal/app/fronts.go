package app

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/operations"
	"github.com/tongban/tongban/internal/web"
)

// fronts hangs everything that answers on one handler.
func (b *builder) fronts(st *stores, sv *services) (http.Handler, error) {
	mux := http.NewServeMux()
	if err := errors.Join(b.graphs(mux, st, sv), b.doors(mux, st, sv)); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /livez", web.Live)
	mux.HandleFunc("GET /readyz", web.Checks{
		"database": st.db.Ping,
		"changes": func(context.Context) error {
			if !st.tail.Fresh() {
				return errors.New("the tail is old")
			}
			return nil
		},
	}.Ready)
	if b.config.Profile == config.Dev {
		if err := developers(mux); err != nil {
			return nil, err
		}
		if b.config.Operator == "" {
			mux.Handle("GET /metrics", b.tel.Handler())
		}
	}
	for pattern, page := range b.options.Pages {
		mux.Handle(pattern, page)
	}
	return mux, nil
}

// graphs hangs the fronts of the one schema.
func (b *builder) graphs(mux *http.ServeMux, st *stores, sv *services) error {
	o, apart := b.options, b.config.Redis != ""
	resolver := &graph.Resolver{
		Accounts: sv.identity, MyData: sv.mydata, Catalogue: sv.catalogue, Mandates: sv.mandates, Clock: o.Clock, Apps: sv.apps, Consents: sv.consent, Access: sv.access,
		Licences: sv.licences, Cases: sv.cases, Space: sv.space, OneCard: sv.onecard, Ledger: sv.ledger, Push: sv.push, Changes: st.tail,
		Showing: sv.licences, Checks: sv.licences, Visits: sv.visits, Materials: sv.materials, Elderly: sv.elderly, Messages: sv.push,
	}
	registered := func(front string) *operations.Registered {
		return operations.NewRegistered(st.db, front, st.tail, o.Clock, o.Log)
	}
	phone, mobileErr := mobile.New(mobile.Deps{
		Profile: b.config.Profile, Resolver: resolver, Tokens: sv.access, Issuer: b.config.Issuer, Apart: apart, Changes: st.tail,
		Live:       mobile.Live{Changes: st.tail, Closing: b.closing},
		Registered: registered("mobile"), Limiter: st.limiter, Burst: b.config.RateBurst,
		Clock: o.Clock, IDs: o.IDs, Log: o.Log, Observe: b.seen,
	})
	easy, elderlyErr := elderly.New(elderly.Deps{
		Profile: b.config.Profile, Resolver: resolver, Tokens: sv.access, Issuer: b.config.Issuer, Apart: apart, Registered: registered("elderly"),
		Limiter: st.limiter, Burst: b.config.RateBurst, Clock: o.Clock, IDs: o.IDs, Log: o.Log, Observe: b.seen,
	})
	officers, verifierErr := verifier.New(verifier.Deps{
		Profile: b.config.Profile, Resolver: resolver, Tokens: sv.access, Issuer: b.config.Issuer, Apart: apart, Registered: registered("verifier"),
		Live:    verifier.Live{Changes: st.tail, Closing: b.closing},
		Limiter: st.limiter, Burst: b.config.RateBurst, Clock: o.Clock, IDs: o.IDs, Log: o.Log, Observe: b.seen,
	})
	teams, miniprogramErr := miniprogram.New(miniprogram.Deps{
		Profile: b.config.Profile, Resolver: resolver, Tokens: sv.access, Issuer: b.config.Issuer, Apart: apart, Registered: registered("miniprogram"),
		Limiter: st.limiter, Burst: b.config.RateBurst, Clock: o.Clock, IDs: o.IDs, Log: o.Log, Observe: b.seen,
	})
	if err := errors.Join(mobileErr, elderlyErr, verifierErr, miniprogramErr); err != nil {
		return err
	}
	mux.Handle(mobile.Path, phone)
	mux.Handle(elderly.Path, easy)
	mux.Handle(verifier.Path, officers)
	mux.Handle(miniprogram.Path, teams)
	return nil
}

// seen counts what a request of any front came to.
func (b *builder) seen(one mobile.Observation) { b.tel.Operation(one.Front, one.Operation, one.Code) }

// tried is a front with a page for developers.
type tried interface {
	GraphiQLPath() string
	GraphiQL(document string) (http.Handler, error)
}

// developers hangs each front's page for developers, which begins with one of
// its documents.
func developers(mux *http.ServeMux) error {
	for _, f := range []struct {
		front    tried
		document string
	}{
		{mobile.Front(), "HomeTiles"},
		{elderly.Front(), "EasyHome"},
		{verifier.Front(), "Verifier"},
		{miniprogram.Front(), "Visitor"},
	} {
		page, err := f.front.GraphiQL(f.document)
		if err != nil {
			return err
		}
		mux.Handle("GET "+f.front.GraphiQLPath(), page)
		mux.Handle("GET "+f.front.GraphiQLPath()+"/", page)
	}
	return nil
}

// operator opens the operators' own listener, where one is configured.
func (b *builder) operator(ctx context.Context) error {
	if b.config.Operator == "" {
		return nil
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", b.config.Operator)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", b.tel.Handler())
	b.atEnd(web.Serve(ln, mux, b.options.Log).Shutdown)
	return nil
}

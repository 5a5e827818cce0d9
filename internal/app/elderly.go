package app

import (
	"net/http"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/operations"
)

// easy is the front of the app's mode for older persons.
func (b *builder) easy(st *stores, sv *services, resolver *graph.Resolver, registered *operations.Registered) (http.Handler, error) {
	return elderly.New(elderly.Deps{
		Profile: b.config.Profile, Resolver: resolver, Tokens: sv.access, Registered: registered,
		Limiter: st.limiter, Burst: b.config.RateBurst, Clock: b.options.Clock, IDs: b.options.IDs, Log: b.options.Log,
		Observe: func(seen elderly.Observation) { b.tel.Operation(seen.Front, seen.Operation, seen.Code) },
	})
}

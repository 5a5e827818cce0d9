package miniprogram

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/access"
)

// Path is where the front answers.
const Path = "/miniprogram/graphql"

// Our choices. personShare is which part of a person's own bucket a mini-app
// has for asking about that person: its screens are few. appBurst is how many
// persons' buckets a mini-app has: a city at once is in none.
const personShare, appBurst = 10, 50

//go:embed operations/*.graphql
var documents embed.FS

// Front gives what all fronts can do, for this one.
func Front() front.Kind { return front.Of("MINIPROGRAM", documents) }

// Tokens checks mini-apps' access tokens; access does.
type Tokens interface {
	front.Proofs
	VerifyVisit(ctx context.Context, by access.Presented) (ids.Visit, access.Shown, error)
	StandsVisit(ctx context.Context, token string) error
}

// visits lets in mini-apps by the tokens of their visits.
type visits struct{ Tokens }

func (t visits) Verify(ctx context.Context, by access.Presented) (reqctx.Facts, access.Shown, error) {
	v, shown, err := t.VerifyVisit(ctx, by)
	return reqctx.Facts{Visit: v, Client: string(v.App)}, shown, err
}

func (t visits) Stands(ctx context.Context, token string) error { return t.StandsVisit(ctx, token) }

// Registered are documents that teams registered while we run.
type Registered = front.Registered

// Observation is what one request came to.
type Observation = front.Observation

// Deps is what the front works with. Observe may be nil.
type Deps struct {
	Profile  config.Profile
	Resolver *graph.Resolver
	Tokens   Tokens
	// Issuer is the product's base URL, by which proofs name the front.
	Issuer string
	// Apart says that limits and proofs are counted on another machine.
	Apart bool
	// Registered finds what teams registered; nil for none.
	Registered Registered
	Limiter    limit.Limiter
	// Burst is what a person may spend at once and again in each minute: one
	// for each field of an answer.
	Burst   int
	Clock   clock.Clock
	IDs     *ids.Source
	Log     *slog.Logger
	Observe func(Observation)
}

// New gives the front's handler. It fails when the schema does not fit the
// front, or a trusted document the schema.
func New(d Deps) (http.Handler, error) {
	return Front().Serve(d.Resolver, d.Log, front.Config{
		Profile: d.Profile, Registered: d.Registered,
		Verifier: visits{d.Tokens},
		Issuer:   d.Issuer, Apart: d.Apart,
		Limiter:   d.Limiter,
		SignedIn:  limit.Rule{Per: time.Minute, Burst: max(1, d.Burst/personShare)},
		App:       limit.Rule{Per: time.Minute, Burst: appBurst * d.Burst},
		Anonymous: limit.Rule{Per: time.Minute, Burst: d.Burst},
		Clock:     d.Clock, IDs: d.IDs, Observe: d.Observe,
	})
}

// Operations gives the ids of the trusted documents by name.
func Operations() (map[string]string, error) { return Front().Operations() }

package verifier

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
const Path = "/verifier/graphql"

//go:embed operations/*.graphql
var documents embed.FS

// Front gives what all fronts can do, for this one.
func Front() front.Kind { return front.Of("VERIFIER", documents) }

// Tokens checks officers' access tokens; access does.
type Tokens interface {
	front.Proofs
	VerifyOfficer(by access.Presented) (ids.Officer, access.Shown, error)
	StandsOfficer(token string) error
}

// officers lets in officers by their tokens.
type officers struct{ Tokens }

func (t officers) Verify(_ context.Context, by access.Presented) (reqctx.Facts, access.Shown, error) {
	officer, shown, err := t.VerifyOfficer(by)
	return reqctx.Facts{Officer: officer, Client: string(officer.ID)}, shown, err
}

func (t officers) Stands(_ context.Context, token string) error { return t.StandsOfficer(token) }

// Registered are documents that client teams registered while we run.
type Registered = front.Registered

// Live is what subscriptions need.
type Live = front.Live

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
	// Registered finds what client teams registered; nil for none.
	Registered Registered
	// Live is what subscriptions need; the zero Live serves none.
	Live    Live
	Limiter limit.Limiter
	// Burst is what an officer may spend at once and again in each minute: one
	// for each field of an answer. Nothing is answered to who is not one.
	Burst   int
	Clock   clock.Clock
	IDs     *ids.Source
	Log     *slog.Logger
	Observe func(Observation)
}

// New gives the front's handler. It fails when the schema does not fit the
// front, or a trusted document the schema.
func New(d Deps) (http.Handler, error) {
	rule := limit.Rule{Per: time.Minute, Burst: d.Burst}
	return Front().Serve(d.Resolver, d.Log, front.Config{
		Profile: d.Profile, Registered: d.Registered, Live: d.Live,
		Verifier: officers{d.Tokens}, Issuer: d.Issuer, Apart: d.Apart,
		Limiter: d.Limiter, SignedIn: rule, Anonymous: rule, Clock: d.Clock, IDs: d.IDs, Observe: d.Observe,
	})
}

// Operations gives the ids of the trusted documents by name.
func Operations() (map[string]string, error) { return Front().Operations() }

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
	VerifyOfficer(by access.Presented) (ids.Officer, access.Shown, error)
}

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
		Verifier: front.VerifierFunc(func(_ context.Context, token string) (reqctx.Facts, error) {
			officer, _, err := d.Tokens.VerifyOfficer(access.Presented{Token: token, Bearer: true})
			return reqctx.Facts{Officer: officer, Client: string(officer.ID)}, err
		}),
		Limiter: d.Limiter, SignedIn: rule, Anonymous: rule, Clock: d.Clock, IDs: d.IDs, Observe: d.Observe,
	})
}

// Operations gives the ids of the trusted documents by name.
func Operations() (map[string]string, error) { return Front().Operations() }

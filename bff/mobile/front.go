package mobile

import (
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
)

// Path is where the front answers.
const Path = "/mobile/graphql"

// networkBurst is how many persons' buckets those of one network who are not
// signed in share: an office or a mobile carrier's exit is one network.
const networkBurst = 10

//go:embed operations/*.graphql
var documents embed.FS

// Front gives what all fronts can do, for this one.
func Front() front.Kind { return front.Of("MOBILE", documents) }

// Tokens checks access tokens; access does.
type Tokens = front.PersonTokens

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
	// Changes tells when a kept answer is void; nil keeps none.
	Changes changes.Reader
	Limiter limit.Limiter
	// Live is what subscriptions need; the zero Live serves none.
	Live Live
	// Burst is what a person may spend at once and again in each minute: one
	// for each field of an answer.
	Burst   int
	Clock   clock.Clock
	IDs     *ids.Source
	Log     *slog.Logger
	Observe func(Observation)
}

// kept are the root fields of the home screen: all that their services say of
// a person rests on what they note, or passes.
func kept() []string {
	return []string{"homeTiles", "homeLicences", "homeCases", "homeReminders", "inbox"}
}

// New gives the front's handler. It fails when the schema does not fit the
// front, or a trusted document the schema.
func New(d Deps) (http.Handler, error) {
	return Front().Serve(d.Resolver, d.Log, front.Config{
		Profile: d.Profile, Registered: d.Registered, Live: d.Live,
		Verifier: front.Persons(d.Tokens),
		Issuer:   d.Issuer, Apart: d.Apart,
		Keep:      front.Keep{Fields: kept(), Changes: d.Changes},
		Limiter:   d.Limiter,
		SignedIn:  limit.Rule{Per: time.Minute, Burst: d.Burst},
		Anonymous: limit.Rule{Per: time.Minute, Burst: networkBurst * d.Burst},
		Clock:     d.Clock, IDs: d.IDs, Observe: d.Observe,
	})
}

// Operations gives the ids of the trusted documents by name.
func Operations() (map[string]string, error) { return Front().Operations() }

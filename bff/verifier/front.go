package verifier

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reqctx"
)

// Path is where the front answers.
const Path = "/verifier/graphql"

// name is the front's value of the schema's enum Front.
const name = "VERIFIER"

//go:embed operations/*.graphql
var operations embed.FS

// Tokens checks officers' access tokens; access does.
type Tokens interface {
	VerifyOfficer(token string) (ids.Officer, error)
}

// Observation is what one request came to.
type Observation = front.Observation

// Deps is what the front works with. Observe may be nil.
type Deps struct {
	Profile  config.Profile
	Resolver *graph.Resolver
	Tokens   Tokens
	Limiter  limit.Limiter
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
	filtered, err := front.Filter(graph.Schema(), name)
	if err != nil {
		return nil, err
	}
	documents, err := front.ReadDocuments(operations, "operations")
	if err != nil {
		return nil, err
	}
	words, err := answer.Load()
	if err != nil {
		return nil, err
	}
	rule := limit.Rule{Per: time.Minute, Burst: d.Burst}
	return front.New(front.Config{
		Name: "verifier", Profile: d.Profile, Schema: graph.Executable(filtered, d.Resolver), Documents: documents,
		Verifier: front.VerifierFunc(func(_ context.Context, token string) (reqctx.Facts, error) {
			officer, err := d.Tokens.VerifyOfficer(token)
			return reqctx.Facts{Officer: officer, Client: string(officer.ID)}, err
		}),
		Limiter: d.Limiter, SignedIn: rule, Anonymous: rule,
		Answers: answer.NewPresenter(words, d.Log), Clock: d.Clock, IDs: d.IDs, Observe: d.Observe,
	})
}

// Operations gives the ids of the trusted documents by name.
func Operations() (map[string]string, error) {
	documents, err := front.ReadDocuments(operations, "operations")
	if err != nil {
		return nil, err
	}
	return documents.Names(), nil
}

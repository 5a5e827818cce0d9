package front

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/klauspost/compress/gzhttp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/operations"
	"github.com/tongban/tongban/internal/web"
)

// Observation is what one request came to: for metrics, nothing personal.
type Observation struct {
	Front     string
	Operation string // a trusted document's name, or "other"
	Code      string // of the first error; empty without one
	Status    int
	Cost      int
	Took      time.Duration
}

// Config is what a front is made of. All fields are needed but those that say so, App, Observe and Network.
type Config struct {
	Name      string
	Profile   config.Profile
	Schema    graphql.ExecutableSchema // over the filtered schema
	Documents Documents
	// Registered finds what client teams registered since; nil for none.
	Registered Registered
	Verifier   Verifier
	// Keep says which encoded answers may be kept; the zero Keep keeps none.
	Keep Keep
	// Live is what subscriptions need; the zero Live serves none.
	Live    Live
	Limiter limit.Limiter
	// Issuer is the product's base URL, by which proofs name this front.
	Issuer string
	// Apart says that limits and proofs are counted on another machine, so that
	// they are asked beside each other.
	Apart     bool
	SignedIn  limit.Rule // the bucket of a subject, in cost
	Anonymous limit.Rule // the bucket of a network of those not signed in
	App       limit.Rule // the bucket of a mini-app, on the front for those
	Answers   *answer.Presenter
	Clock     clock.Clock
	IDs       *ids.Source
	Observe   func(Observation)
	Network   func(*http.Request) string
}

// Front serves one filtered schema.
type Front struct {
	Config
	exec    *executor.Executor
	cache   graphql.Cache[*document]
	trusted map[string]*document // by id

	registered registeredCache
	hot        *hot // nil keeps nothing
	seats      seats
	sockets    seats
}

// Registered are documents that client teams registered while we run.
type Registered interface {
	// Find gives the document with this id.
	Find(ctx context.Context, id string) (operations.Document, bool)
}

// New gives the handler of a front. It fails when a trusted document does not
// fit the front's schema or its limits, with the largest pages: better at the
// start than on a phone.
func New(c Config) (http.Handler, error) {
	f, err := build(c)
	if err != nil {
		return nil, err
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1<<10), gzhttp.EnableZstd(true), gzhttp.PreferZstd(true), gzhttp.CompressionLevel(1))
	if err != nil {
		return nil, err
	}
	once := compress(f)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch { // a stream that is compressed is a stream that is collected
		case f.wantsSocket(r):
			f.serveSocket(w, r)
		case f.wantsEvents(r):
			f.serveEvents(w, r)
		default:
			once.ServeHTTP(w, r)
		}
	}), nil
}

func build(c Config) (*Front, error) {
	f := &Front{Config: c, exec: executor.New(c.Schema), cache: lru.New[*document](cachedDocuments), trusted: map[string]*document{}, hot: newHot(c.Keep)}
	if f.Observe == nil {
		f.Observe = func(Observation) {}
	}
	if f.Network == nil {
		f.Network = web.Network
	}
	f.exec.SetErrorPresenter(c.Answers.Present)
	f.exec.SetRecoverFunc(f.recover)
	for id, t := range c.Documents.byID {
		d, err := f.admit(t.text)
		if err != nil {
			return nil, fmt.Errorf("front %s: trusted document %s: %s: %w", c.Name, t.name, limitWords(err), err)
		}
		d.name = t.name
		f.trusted[id] = d
	}
	return f, nil
}

// largestPages gives values with which op costs the most it may.
func largestPages(op *ast.OperationDefinition) map[string]any {
	out := map[string]any{}
	for _, v := range op.VariableDefinitions {
		if v.Type.Name() == "Int" {
			out[v.Variable] = int64(LargestPage)
		}
	}
	return out
}

func (f *Front) recover(ctx context.Context, thrown any) error { return answer.Recover(ctx, thrown) }

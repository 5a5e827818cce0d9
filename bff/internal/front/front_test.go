package front_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/access"
)

const small = `
directive @front(in: [Front!]!, types: [String!]) on FIELD_DEFINITION | OBJECT
enum Front { MOBILE CONSOLE }
type Query {
  me: Person @front(in: [MOBILE, CONSOLE])
  list(first: Int = 10, ids: [ID!]): [Person!] @front(in: [MOBILE])
  audit: Audit @front(in: [CONSOLE])
}
type Mutation { rename(input: RenameInput!): Person @front(in: [MOBILE]) }
input RenameInput { name: String! }
type Person { id: ID! name: String friend: Person secret: Audit @front(in: [CONSOLE]) }
type Audit { at: String }
`

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func load(t *testing.T, sdl string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// executable answers each operation with the same data; exec may look closer.
type executable struct {
	schema *ast.Schema
	exec   func(ctx context.Context) *graphql.Response
}

func (e executable) Schema() *ast.Schema { return e.schema }
func (e executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}
func (e executable) Exec(context.Context) graphql.ResponseHandler { return e.exec }

type stage struct {
	front.Config
	clock *clock.Fixed
	log   strings.Builder

	mu    sync.Mutex // streams run beside each other
	seen  []front.Observation
	facts reqctx.Facts // of the last operation executed
}

func (s *stage) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

const answered = `{"me":{"id":"1"}}`

func newStage(t *testing.T, profile config.Profile) *stage {
	t.Helper()
	words, err := answer.Load()
	if err != nil {
		t.Fatal(err)
	}
	filtered, err := front.Filter(load(t, small), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := front.ReadDocuments(fstest.MapFS{"ops/Me.graphql": {Data: []byte("query Me { me { id } }\n")}}, "ops")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{clock: clock.At(start)}
	log := slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Config = front.Config{
		Name: "mobile", Profile: profile, Documents: docs, Clock: s.clock, IDs: ids.Random(),
		Schema: executable{filtered, func(ctx context.Context) *graphql.Response {
			s.note(func() { s.facts = reqctx.From(ctx) })
			return &graphql.Response{Data: json.RawMessage(answered)}
		}},
		Verifier: tokens{&sendertest.Proofs{}, verify}, Issuer: issuer, Limiter: limit.NewLocal(s.clock),
		SignedIn: limit.Rule{Per: time.Minute, Burst: 10_000}, Anonymous: limit.Rule{Per: time.Minute, Burst: 5_000},
		Answers: answer.NewPresenter(words, log), Observe: func(o front.Observation) { s.note(func() { s.seen = append(s.seen, o) }) },
	}
	return s
}

// issuer is the product's base URL.
const issuer = "https://tongban.example"

// tokens is a Verifier of one function. A proof says what it is spent by, and
// "stale" beside it that its nonce is not the newest.
type tokens struct {
	*sendertest.Proofs
	verify func(ctx context.Context, token string) (reqctx.Facts, error)
}

func (v tokens) Verify(ctx context.Context, p access.Presented) (reqctx.Facts, access.Shown, error) {
	facts, err := v.verify(ctx, p.Token)
	said, stale := strings.CutSuffix(p.Proof, " stale")
	switch want := p.Method + " " + p.URL + " "; {
	case err != nil || p.Bearer:
		return facts, access.Shown{}, err
	case !strings.HasPrefix(said, want):
		return reqctx.Facts{}, access.Shown{}, fault.New("test", fault.Unauthenticated, "DPOP_PROOF_INVALID").With("why", "another request")
	case strings.HasSuffix(said, " old"):
		return reqctx.Facts{}, access.Shown{}, fault.New("test", fault.Unauthenticated, "DPOP_NONCE_REQUIRED")
	}
	return facts, access.Shown{Key: said, Stale: stale}, nil
}

func (v tokens) Stands(ctx context.Context, token string) error {
	_, err := v.verify(ctx, token)
	return err
}

func verify(_ context.Context, token string) (reqctx.Facts, error) {
	switch token {
	case "good":
		return reqctx.Facts{Actor: ids.Actor{Subject: "sub_1"}, Session: "ses_1", Level: 3, Client: "app"}, nil
	case "later":
		return reqctx.Facts{}, fault.New("test", fault.Unavailable, "")
	}
	return reqctx.Facts{}, fault.New("test", fault.Expired, "X")
}

func (s *stage) do(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	h, err := front.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/mobile/graphql", body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	return r
}

func query(text string) *http.Request {
	b, _ := json.Marshal(map[string]any{"query": text})
	return post(strings.NewReader(string(b)))
}

func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct {
		Data   *json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if len(body.Errors) == 0 {
		return ""
	}
	if body.Data != nil {
		t.Fatalf("a refusal with a data key: %s", w.Body)
	}
	if body.Errors[0].Message == "" {
		t.Fatalf("no words: %s", w.Body)
	}
	return body.Errors[0].Extensions.Code
}

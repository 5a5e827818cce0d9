package front

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/reqctx"
)

// keptBytes bounds the encoded answers in memory: some 10,000 home screens.
const keptBytes = 128 << 20

// keptOverhead is what a kept answer weighs beside its bytes.
const keptOverhead = 1 << 10

// Keep says of which root fields a front may keep encoded answers.
type Keep struct {
	// Fields are root fields whose services all note what they rest on
	// (changes.Rests and its kin): an answer is kept only on their word.
	Fields []string
	// Changes tells when an answer is void; nil keeps nothing.
	Changes changes.Reader
}

// hotKey is all that an encoded answer depends on beside what may change.
type hotKey struct {
	document, operation, variables string
	field                          string // the answer's name of a root field; empty for the whole
	actor                          ids.Actor
	level                          int
	language                       string
}

// hotAnswer is an encoded answer. It never changes.
type hotAnswer struct {
	key  hotKey // compared on each read, whatever the cache says
	body []byte
	on   []*changes.Basis
}

func (a *hotAnswer) holds(now time.Time) bool {
	for _, b := range a.on {
		if !b.Holds(now) {
			return false
		}
	}
	return true
}

// hot keeps encoded answers: of root fields, and of whole operations that
// consist of such. What is replayed is what the executor would say now; it is
// never an answer with an error, and never one that says LIVE, for that is
// only said of what was just fetched.
type hot struct {
	keep  Keep
	cache *otter.Cache[hotKey, *hotAnswer]
}

func newHot(k Keep) *hot {
	if k.Changes == nil || len(k.Fields) == 0 {
		return nil
	}
	return &hot{keep: k, cache: otter.Must(&otter.Options[hotKey, *hotAnswer]{
		MaximumWeight: keptBytes,
		Weigher:       func(_ hotKey, a *hotAnswer) uint32 { return uint32(min(len(a.body), 1<<20) + keptOverhead) }, //nolint:gosec // bounded
	})}
}

func (h *hot) get(k hotKey, now time.Time) (*hotAnswer, bool) {
	a, ok := h.cache.GetIfPresent(k)
	if !ok || a.key != k || !a.holds(now) {
		return nil, false
	}
	return a, true
}

// making is an answer in the making, whose root fields run beside each other.
type making struct {
	key hotKey
	mu  sync.Mutex
	on  []*changes.Basis
	// passing is whether any part may not be kept.
	passing bool
}

func (m *making) add(on []*changes.Basis) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = append(m.on, on...)
}

func (m *making) pass() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passing = true
}

type makingKey struct{}

// replay gives the whole kept answer to the operation; otherwise a context in
// which it is made, and what to hand to remember. Who sends Cache-Control:
// no-cache has it made by the executor.
func (f *Front) replay(ctx context.Context, facts reqctx.Facts, d *document, operation *graphql.OperationContext) ([]byte, context.Context, *making) {
	if f.hot == nil || d.id == "" || operation.Operation.Operation != ast.Query || operation.Headers.Get("Cache-Control") == "no-cache" {
		return nil, ctx, nil
	}
	k := hotKey{document: d.id, operation: operation.OperationName, actor: facts.Actor, level: facts.Level, language: facts.Language}
	if len(operation.Variables) > 0 {
		sorted, err := json.Marshal(operation.Variables)
		if err != nil {
			return nil, ctx, nil
		}
		k.variables = string(sorted)
	}
	if a, ok := f.hot.get(k, f.Clock.Now()); ok {
		return a.body, ctx, nil
	}
	m := &making{key: k}
	return nil, context.WithValue(ctx, makingKey{}, m), m
}

// remember keeps the whole answer where each of its parts may be kept.
func (f *Front) remember(m *making, res *graphql.Response) {
	if m == nil || res == nil || len(res.Errors) > 0 || m.passing || len(m.on) == 0 {
		return
	}
	f.hot.cache.Set(m.key, &hotAnswer{key: m.key, body: res.Data, on: m.on})
}

// rootField gives the kept answer of a root field, or has it made and keeps it
// where the rooms that were asked say for how long.
func (f *Front) rootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	m, _ := ctx.Value(makingKey{}).(*making)
	at := graphql.GetRootFieldContext(ctx)
	if m == nil || at == nil {
		return next(ctx)
	}
	if !slices.Contains(f.hot.keep.Fields, at.Field.Name) {
		m.pass()
		return next(ctx)
	}
	k := m.key
	k.field = at.Field.Alias
	if a, ok := f.hot.get(k, f.Clock.Now()); ok {
		m.add(a.on)
		return raw(a.body)
	}
	noting, basis := changes.Noting(ctx, f.hot.keep.Changes)
	made := next(noting)
	if failed(ctx, k.field) || !basis.Holds(f.Clock.Now()) {
		m.pass()
		return made
	}
	var b bytes.Buffer
	made.MarshalGQL(&b)
	a := &hotAnswer{key: k, body: b.Bytes(), on: []*changes.Basis{basis}}
	f.hot.cache.Set(k, a)
	m.add(a.on)
	return raw(a.body)
}

// failed tells whether anything below the root field went wrong.
func failed(ctx context.Context, field string) bool {
	for _, err := range graphql.GetErrors(ctx) {
		if len(err.Path) == 0 || err.Path[0] == ast.PathName(field) {
			return true
		}
	}
	return false
}

// raw is an answer that is encoded already.
type raw []byte

// MarshalGQL writes r.
func (r raw) MarshalGQL(w io.Writer) { _, _ = w.Write(r) }

package direct_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/graph/direct"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/space"
)

// shelf gives tiles that are set.
type shelf struct {
	graph.Space
	tiles []space.Tile
}

func (s *shelf) Tiles(context.Context, ids.Actor) ([]space.Tile, error) { return s.tiles, nil }

// answer executes a document with the middleware.
func answer(t interface{ Fatal(...any) }, tiles []space.Tile, text string, variables map[string]any, middleware graphql.FieldMiddleware) string {
	schema := graph.Schema()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(text, err)
	}
	if errs := validator.ValidateWithRules(schema, doc, nil); errs != nil {
		t.Fatal(text, errs)
	}
	es := graph.Executable(schema, &graph.Resolver{Space: &shelf{tiles: tiles}})
	x := executor.New(es)
	ctx := reqctx.With(context.Background(), reqctx.Facts{Actor: ids.Actor{Subject: "sub_x"}})
	ctx = graphql.WithOperationContext(graphql.StartOperationTrace(ctx), &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables,
		RecoverFunc: graphql.DefaultRecover, ResolverMiddleware: middleware,
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) }})
	next, ctx := x.DispatchOperation(ctx, graphql.GetOperationContext(ctx))
	res := next(ctx)
	if len(res.Errors) > 0 {
		t.Fatal(text, res.Errors)
	}
	return string(res.Data)
}

func executed(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }

// shortCut counts the answers that plain wrote.
func shortCut(n *atomic.Int64) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		v, err := next(ctx)
		if m, ok := direct.Marshal(ctx, v); ok && err == nil {
			n.Add(1)
			return m, nil
		}
		return v, err
	}
}

var scalars = []string{"id", "app", "province", "source", "title", "headline", "asOf", "freshUntil", "freshness", "since", "reason", "__typename"}

// selected draws a selection of a type's fields: aliases, fragments, conditions.
func selected(t *rapid.T, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	for range rapid.IntRange(1, 6).Draw(t, "fields") {
		f := rapid.SampledFrom(scalars).Draw(t, "field")
		switch rapid.IntRange(0, 7).Draw(t, "how") {
		case 0:
			fmt.Fprintf(&b, "x%s: %s ", f, f)
		case 1:
			fmt.Fprintf(&b, "%s @skip(if: $yes) ", f)
		case 2:
			fmt.Fprintf(&b, "y%s: %s @include(if: $yes) ", f, f)
		case 3:
			b.WriteString("more: lines { label v: value __typename } ")
		case 4:
			b.WriteString("lines { label } lines { value ... on TileLine { label } } ")
		case 5:
			if depth > 0 {
				b.WriteString("... on Tile " + selected(t, depth-1))
			}
		case 6:
			b.WriteString("...more ")
		default:
			b.WriteString(f + " ")
		}
	}
	return b.String() + "} "
}

func drawnTile(t *rapid.T) space.Tile {
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "正常", "a\"b", "\\", "\n\t\r\x00\x1f", "<b>&", "\u2028", "\xff"}))
	moment := rapid.SampledFrom([]time.Time{{}, time.Unix(1_800_000_000, 123_000_000), time.Unix(1_700_000_000, 0).In(time.FixedZone("", 28_800))})
	tile := space.Tile{ID: word.Draw(t, "id"), App: ids.AppID(word.Draw(t, "app")), Province: ids.AreaCode(word.Draw(t, "province")), Source: word.Draw(t, "source"),
		Title: word.Draw(t, "title"), Headline: word.Draw(t, "headline"), AsOf: moment.Draw(t, "asOf"), FreshUntil: moment.Draw(t, "freshUntil"),
		Freshness: rapid.SampledFrom([]province.Freshness{province.Live, province.Cached, province.Stale, province.Unavailable}).Draw(t, "freshness"),
		Since:     moment.Draw(t, "since"), Reason: word.Draw(t, "reason")}
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		tile.Lines = append(tile.Lines, space.Line{Label: word.Draw(t, "label"), Value: word.Draw(t, "value")})
	}
	return tile
}

func TestPlainListsAreWrittenAsTheExecutorWritesThem(t *testing.T) {
	var taken atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		tiles := make([]space.Tile, rapid.IntRange(0, 3).Draw(t, "tiles"))
		for i := range tiles {
			tiles[i] = drawnTile(t)
		}
		text := "query($yes: Boolean!) { a: homeTiles { id @skip(if: $yes) ...more } homeTiles " + selected(t, 2) + "} fragment more on Tile { title lines { value } }"
		variables := map[string]any{"yes": rapid.Bool().Draw(t, "yes")}
		want, got := answer(t, tiles, text, variables, executed), answer(t, tiles, text, variables, shortCut(&taken))
		if got != want {
			t.Fatalf("%s\nplain:    %s\nexecutor: %s", text, got, want)
		}
	})
	if taken.Load() == 0 {
		t.Error("nothing was written here")
	}
}

// Every field of the types that stand here is known: a new one must not send
// the whole home back to the executor unseen.
func TestEveryFieldOfAPlainTypeIsPlain(t *testing.T) {
	for _, name := range []string{"Tile", "TileLine"} {
		var set bytes.Buffer
		for _, f := range graph.Schema().Types[name].Fields {
			if f.Name == "lines" {
				set.WriteString("lines { label value } ")
			} else {
				set.WriteString(f.Name + " ")
			}
		}
		text := "{ homeTiles { " + set.String() + "} }"
		if name == "TileLine" {
			text = "{ homeTiles { lines { " + set.String() + "} } }"
		}
		var taken atomic.Int64
		answer(t, []space.Tile{{ID: "x", Lines: []space.Line{{}}}}, text, nil, shortCut(&taken))
		if taken.Load() != 1 {
			t.Errorf("%s has a field that plain does not know", name)
		}
	}
}

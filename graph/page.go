package graph

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/tongban/tongban/graph/gengql"
	"github.com/tongban/tongban/internal/fault"
)

// maxPage is the most a page of any list gives.
const maxPage = 50

// part is what a service gave of a list: next is its own cursor of what
// follows, at its cursor of one node, where the service has one.
type part[T any] struct {
	nodes []T
	next  string
	at    func(i int) string
}

// page is a part as clients see it.
type page[T any] struct {
	nodes   []T
	cursors []string
	info    gengql.PageInfo
}

// edges gives the page's edges.
func edges[T, E any](p page[T], edge func(cursor string, node T) E) []E {
	out := make([]E, len(p.nodes))
	for i, n := range p.nodes {
		out[i] = edge(p.cursors[i], n)
	}
	return out
}

// paged asks fetch for the page that first and after name. A cursor of ours is
// a service's cursor and how many nodes to pass over behind it, so that each
// node has one also where the service only knows where a part ends. It fails
// with Invalid PAGE_INVALID, and as fetch does.
func paged[T any](first *int32, after *string, fetch func(n int, after string) (part[T], error)) (page[T], error) {
	n, inner, skip, ok := asked(first, after)
	if !ok {
		return page[T]{}, fault.New("graph.paged", fault.Invalid, "PAGE_INVALID")
	}
	if skip > 0 {
		passed, err := fetch(skip, inner)
		if err != nil || passed.next == "" {
			return page[T]{}, err // nothing stands behind the cursor any more
		}
		inner = passed.next
	}
	p, err := fetch(n, inner)
	if err != nil {
		return page[T]{}, err
	}
	out := page[T]{nodes: p.nodes, info: gengql.PageInfo{HasNextPage: p.next != ""}}
	for i := range p.nodes {
		switch {
		case i == len(p.nodes)-1 && p.next != "":
			out.cursors = append(out.cursors, seal(p.next, 0))
		case p.at != nil:
			out.cursors = append(out.cursors, seal(p.at(i), 0))
		default:
			out.cursors = append(out.cursors, seal(inner, i+1))
		}
	}
	if len(out.cursors) > 0 {
		out.info.EndCursor = &out.cursors[len(out.cursors)-1]
	}
	return out, nil
}

func asked(first *int32, after *string) (n int, inner string, skip int, ok bool) {
	n = 20
	if first != nil {
		n = int(*first)
	}
	if n < 1 || n > maxPage {
		return 0, "", 0, false
	}
	if after == nil {
		return n, "", 0, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(*after)
	count, inner, found := strings.Cut(string(raw), " ")
	skip, atoi := strconv.Atoi(count)
	return n, inner, skip, err == nil && atoi == nil && found && skip >= 0 && skip <= maxPage
}

func seal(inner string, skip int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(skip) + " " + inner))
}

// among fetches from a list at hand, whose cursors are places in it.
func among[T any](all []T) func(n int, after string) (part[T], error) {
	return func(n int, after string) (part[T], error) {
		from := 0
		if after != "" {
			at, err := strconv.Atoi(after)
			if err != nil || at < 0 {
				return part[T]{}, fault.New("graph.among", fault.Invalid, "PAGE_INVALID")
			}
			from = min(at, len(all))
		}
		to := min(from+n, len(all))
		p := part[T]{nodes: all[from:to], at: func(i int) string { return strconv.Itoa(from + i + 1) }}
		if to < len(all) {
			p.next = strconv.Itoa(to)
		}
		return p, nil
	}
}

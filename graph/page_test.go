package graph

import (
	"slices"
	"strconv"
	"testing"

	"github.com/tongban/tongban/internal/fault"
)

// letters is a service's list whose cursors stand only at the ends of parts.
func letters(n int, after string) (part[string], error) {
	all := []string{"a", "b", "c", "d", "e", "f", "g"}
	from := 0
	if after != "" {
		from = slices.Index(all, after) + 1
	}
	to := min(from+n, len(all))
	p := part[string]{nodes: all[from:to]}
	if to < len(all) {
		p.next = all[to-1]
	}
	return p, nil
}

func walk(t *testing.T, size int32, fetch func(int, string) (part[string], error)) []string {
	t.Helper()
	var all []string
	var after *string
	for {
		p, err := paged(&size, after, fetch)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.nodes...)
		if !p.info.HasNextPage {
			return all
		}
		after = p.info.EndCursor
	}
}

func TestPagesPutTogetherAreTheList(t *testing.T) {
	want := []string{"a", "b", "c", "d", "e", "f", "g"}
	for size := int32(1); size < 9; size++ {
		if got := walk(t, size, letters); !slices.Equal(got, want) {
			t.Errorf("by %d: %v", size, got)
		}
		if got := walk(t, size, among(want)); !slices.Equal(got, want) {
			t.Errorf("at hand, by %d: %v", size, got)
		}
	}
}

func TestEachNodesCursorGoesOnBehindIt(t *testing.T) {
	size := int32(3)
	second, err := paged(&size, nil, letters)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"b", "c", "d"} {
		p, err := paged(&size, &second.cursors[i], letters)
		if err != nil || p.nodes[0] != want {
			t.Errorf("behind %d: %v %v", i, p.nodes, err)
		}
	}
	// and within the page that a middle cursor gave
	p, _ := paged(&size, &second.cursors[0], letters)
	q, err := paged(&size, &p.cursors[1], letters)
	if err != nil || q.nodes[0] != "d" {
		t.Errorf("%v %v", q.nodes, err)
	}
	for range 4 { // a chain of middle cursors ends where the list does
		if q, err = paged(&size, &q.cursors[0], letters); err != nil {
			t.Fatal(err)
		}
		if len(q.nodes) == 0 {
			break
		}
	}
	if len(q.nodes) != 0 {
		t.Errorf("still %v", q.nodes)
	}
}

func TestWrongPagesAreRefused(t *testing.T) {
	refuse := func(first *int32, after *string) {
		t.Helper()
		if _, err := paged(first, after, letters); fault.CodeOf(err) != "PAGE_INVALID" {
			t.Errorf("err %v", err)
		}
	}
	for _, n := range []int32{0, -1, 51} {
		refuse(&n, nil)
	}
	for _, cursor := range []string{"", "x", "%%", seal("a", -1), seal("a", 51)} {
		refuse(nil, &cursor)
	}
	bad := seal("-"+strconv.Itoa(1), 0)
	if _, err := paged(nil, &bad, among([]string{"a"})); fault.CodeOf(err) != "PAGE_INVALID" {
		t.Errorf("err %v", err)
	}
}

func TestAnEmptyListIsAPageWithoutACursor(t *testing.T) {
	p, err := paged(nil, nil, among([]string{}))
	if err != nil || p.info.EndCursor != nil || p.info.HasNextPage {
		t.Fatalf("%+v %v", p, err)
	}
}

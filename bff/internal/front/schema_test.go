package front_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/internal/front"
)

const directive = "directive @front(in: [Front!]!, types: [String!]) on FIELD_DEFINITION | OBJECT\nenum Front { MOBILE CONSOLE }\n"

func TestAFrontHasWhatItsRootFieldsReach(t *testing.T) {
	mobile, err := front.Filter(load(t, small), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	sdl := front.SDL(mobile)
	for _, want := range []string{"me: Person", "list(", "rename(", "input RenameInput", "type Person"} {
		if !strings.Contains(sdl, want) {
			t.Errorf("misses %s:\n%s", want, sdl)
		}
	}
	for _, never := range []string{"Audit", "secret", "Front", "@front", "audit"} {
		if strings.Contains(sdl, never) {
			t.Errorf("tells of %s:\n%s", never, sdl)
		}
	}
}

func TestFilteringLeavesTheSourceAsItWas(t *testing.T) {
	src := load(t, small)
	before := front.SDL(src)
	for _, name := range []string{"MOBILE", "CONSOLE"} {
		f, err := front.Filter(src, name)
		if err != nil {
			t.Fatal(err)
		}
		f.Types["Person"].Fields[0].Name, f.Types["Person"].Fields[0].Type.NamedType = "broken", "Broken"
	}
	if after := front.SDL(src); after != before {
		t.Fatalf("changed:\n%s", after)
	}
}

func TestAPossibleTypeIsInOnlyWhenReachedOrNamed(t *testing.T) {
	const more = directive + `
type Query { any: Notice @front(in: [MOBILE], types: ["Mail"]) letter: Letter @front(in: [CONSOLE]) }
interface Notice { id: ID! }
type Mail implements Notice { id: ID! }
type Letter implements Notice { id: ID! }`
	mobile, err := front.Filter(load(t, more), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	if mobile.Types["Letter"] != nil || len(mobile.PossibleTypes["Notice"]) != 1 {
		t.Errorf("possible types %v", mobile.PossibleTypes["Notice"])
	}
	console, err := front.Filter(load(t, more), "CONSOLE")
	if err != nil {
		t.Fatal(err)
	}
	if console.Types["Notice"] != nil || len(console.Types["Letter"].Interfaces) != 0 {
		t.Error("the console reached an interface through its object")
	}
}

func TestWhatDoesNotFitStopsTheStart(t *testing.T) {
	for name, c := range map[string]struct{ sdl, want string }{
		"an untagged root field":   {"type Query { a: ID }", "carries no @front"},
		"a type that is not in":    {"type Query { a: A @front(in: [MOBILE]) } type A @front(in: [CONSOLE]) { b: ID }", "its type A is not"},
		"a type without a field":   {"type Query { a: A @front(in: [MOBILE]) } type A { b: ID @front(in: [CONSOLE]) }", "no field is left"},
		"a union with nothing":     {"type Query { a: U @front(in: [MOBILE]) } union U = A type A { b: ID }", "no possible type"},
		"a named type that is not": {`type Query { a: ID @front(in: [MOBILE], types: ["Nope"]) }`, "does not exist"},
		"no query":                 {"type Query { a: ID @front(in: [CONSOLE]) }", "no query"},
		"a lost interface field": {`type Query { a: I @front(in: [MOBILE], types: ["A"]) } interface I { b: ID c: ID }
			type A implements I { b: ID c: ID @front(in: [CONSOLE]) }`, "loses c"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := front.Filter(load(t, directive+c.sdl), "MOBILE"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("err %v", err)
			}
		})
	}
}

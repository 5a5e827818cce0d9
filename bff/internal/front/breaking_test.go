package front_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/bff/internal/front"
)

var release = flag.Bool("release", false, "take the fronts' golden schemas as released: clients may be built for them from now on")

// Apps in the field can't be taken back: what a front has released it keeps.
func TestNoFrontBreaksItsClients(t *testing.T) {
	goldens, err := filepath.Glob("../../*/schema.golden.graphql")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no front has a golden schema: %v", err)
	}
	for _, golden := range goldens {
		folder := filepath.Dir(golden)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			now, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(folder, "testdata", "schema.released.graphql")
			if *release {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, now, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; make release takes the schema as released", err)
			}
			for _, b := range front.Breaking(sdl(t, string(before)), sdl(t, string(now))) {
				t.Errorf("%s; clients in the field break. If that is meant: make release", b)
			}
		})
	}
}

func sdl(t *testing.T, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const released = `
type Query { me(old: Boolean, first: Int! = 3): Me list(in: Filter): [Me!] }
type Me implements Node { id: ID! name: String must: String! list: [String!]! }
interface Node { id: ID! }
input Filter { text: String kind: Kind! }
enum Kind { A B }
union Any = Me | Other
type Other { id: ID! any: Any }
scalar Day
`

func TestABreakingChangeIsNoticed(t *testing.T) {
	for change, want := range map[string]string{
		"name: String →":                         "Me.name is gone",
		"must: String! → must: String":           "Me.must was String! and is String",
		"list: [String!]! → list: [String]!":     "Me.list was [String!]! and is [String]!",
		"list: [String!]! → list: String!":       "Me.list was [String!]! and is String!",
		"Other { id: ID! → Other { id: String!":  "Other.id was ID! and is String!",
		"old: Boolean, →":                        "Query.me(old:) is gone",
		"old: Boolean → old: Boolean!":           "Query.me(old:) was Boolean and is Boolean!",
		"in: Filter → in: Filter, with: Int!":    "Query.list(with:) is new and must be given",
		"text: String →":                         "Filter.text is gone",
		"text: String → text: String more: Int!": "Filter.more is new and must be given",
		"text: String → text: String!":           "Filter.text was String and is String!",
		"A B → A":                                "Kind.B is gone",
		"Me | Other → Me":                        "Any no longer goes with Other",
		"Me implements Node → Me":                "Me no longer goes with Node",
		"scalar Day →":                           "Day is gone",
		"scalar Day → enum Day { MONDAY }":       "Day was SCALAR and is ENUM",
	} {
		from, to, _ := strings.Cut(change, "→")
		text := strings.Replace(released, strings.TrimSpace(from), strings.TrimSpace(to), 1)
		got := front.Breaking(sdl(t, released), sdl(t, text))
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", change, got)
		}
	}
}

func TestWhatOnlyGrowsBreaksNobody(t *testing.T) {
	for _, change := range []string{
		"name: String → name: String!", "name: String → name: String more: Int", "A B → A B C", "kind: Kind! → kind: Kind",
		"text: String → text: String more: Int", "text: String → text: String more: Int! = 1", "in: Filter → in: Filter, with: Int! = 1",
		"first: Int! = 3 → first: Int = 3", "scalar Day → scalar Day scalar Hour",
	} {
		from, to, _ := strings.Cut(change, "→")
		text := strings.Replace(released, strings.TrimSpace(from), strings.TrimSpace(to), 1)
		if got := front.Breaking(sdl(t, released), sdl(t, text)); text == released || len(got) > 0 {
			t.Errorf("%s: %q", change, got)
		}
	}
}

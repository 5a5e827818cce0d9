package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	tableOf  = regexp.MustCompile(`(?m)^\s*(?:create table|alter table) (\w+)`)
	columnOf = regexp.MustCompile(`^\s*(?:alter table \w+ add column )?(\w+) .*-- sealed\b`)
)

// A column that a rotation does not know would be lost with the old key.
func TestEverySealedColumnOfTheMigrationsIsListed(t *testing.T) {
	var want []string
	for _, room := range migrations() {
		names, err := fs.Glob(room.FS, "*.sql")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", room.Room, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(room.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			table := ""
			for line := range strings.Lines(string(text)) {
				if m := tableOf.FindStringSubmatch(line); m != nil {
					table = m[1]
				}
				if m := columnOf.FindStringSubmatch(line); m != nil {
					want = append(want, table+"."+m[1])
				}
			}
		}
	}
	var got []string
	for _, c := range sealed() {
		got = append(got, c.Name())
		key := make([]string, len(c.Key))
		for i := range key {
			key[i] = "key-" + strconv.Itoa(i)
		}
		place := c.Place(key)
		if !strings.HasPrefix(place, c.Name()+"/") {
			t.Errorf("%s is bound to %s", c.Name(), place)
		}
		// Two rows that differ in the last of their key have two places.
		key[len(key)-1] = "other"
		if c.Place(key) == place {
			t.Errorf("%s: two rows share a place", c.Name())
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 14 || !slices.Equal(got, want) {
		t.Errorf("listed:          %v\nin migrations: %v", got, want)
	}
}

// place is what a place begins with: table and column.
var place = regexp.MustCompile(`^([a-z_]+\.[a-z_]+)/$`)

// Whatever is sealed stands at a place that a function called …Place gives, and
// each such function is of a listed column.
func TestEveryPlaceOfASealIsListed(t *testing.T) {
	var listed []string
	for _, c := range sealed() {
		listed = append(listed, c.Name())
	}
	seals, places := 0, 0
	for _, top := range []string{"services", "push", "graph", "bff", "internal"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.Contains(path, filepath.Join("internal", "crypt")) || strings.Contains(path, filepath.Join("internal", "reseal")) {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch x := n.(type) {
				case *ast.CallExpr:
					if selector, is := x.Fun.(*ast.SelectorExpr); is && selector.Sel.Name == "Seal" && len(x.Args) == 2 {
						seals++
						if !fromPlace(x.Args[0]) {
							t.Errorf("%s seals at a place of its own", path)
						}
					}
				case *ast.FuncDecl:
					name := beginning(x)
					if !strings.HasSuffix(x.Name.Name, "Place") || name == "" {
						break // of something else
					}
					places++
					if !slices.Contains(listed, name) {
						t.Errorf("%s: %s is of %s, which no room lists", path, x.Name.Name, name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seals < 8 || places != len(listed) {
		t.Errorf("%d seals, %d places of %d columns", seals, places, len(listed))
	}
}

// fromPlace tells whether an argument is a call of a …Place function, or a
// parameter or member "place" that was given one.
func fromPlace(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.CallExpr:
		name, is := x.Fun.(*ast.Ident)
		return is && strings.HasSuffix(name.Name, "Place")
	case *ast.Ident:
		return x.Name == "place"
	case *ast.SelectorExpr:
		return x.Sel.Name == "place"
	}
	return false
}

// beginning gives table and column of the place that a function returns.
func beginning(f *ast.FuncDecl) string {
	found := ""
	ast.Inspect(f, func(n ast.Node) bool {
		if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING && found == "" {
			if m := place.FindStringSubmatch(strings.Trim(text.Value, `"`)); m != nil {
				found = m[1]
			}
		}
		return true
	})
	return found
}

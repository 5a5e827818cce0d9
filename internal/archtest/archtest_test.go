package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestArrowsRunDownOnly(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "deps") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		place := InCode
		if strings.HasSuffix(path, "_test.go") {
			place = InTest
		}
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			seen++
			from := filepath.ToSlash(rel)
			if why := Fault(from, strings.TrimPrefix(to, module), place); why != "" {
				t.Errorf("%s → %s (%s): %s", from, strings.TrimPrefix(to, module), filepath.Base(path), why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Fatalf("only %d imports were seen: the walk looks at the wrong place", seen)
	}
}

func TestForbiddenArrowsAreNamed(t *testing.T) {
	for _, c := range []struct {
		from, to string
		place    Place
	}{
		{"services/ledger", "services/identity", InCode},
		{"services/licence", "services/space", InCode},
		{"services/space", "graph", InCode},
		{"services/space", "internal/database", InCode},
		{"services/access", "services/identity/identitydb", InCode},
		{"services/space", "github.com/99designs/gqlgen/graphql", InCode},
		{"services/unknown", "internal/fault", InCode},
		{"mocks/province", "internal/ids", InCode},
		{"mocks/province", "services/space", InTest},
		{"bff/mobile", "bff/oauth", InCode},
		{"graph", "bff/internal/front", InCode},
		{"push", "graph", InCode},
		{"bff/mobile", "mocks/idp", InCode},
		{"internal/database", "internal/jobs", InCode},
		{"internal/fault", "internal/database", InCode},
		{"bff/mobile", "internal/app", InTest},
		{"services/space", "modernc.org/sqlite", InCode},
		{"internal/web", "services/space", InCode},
	} {
		if Fault(c.from, c.to, c.place) == "" {
			t.Errorf("%s → %s is allowed", c.from, c.to)
		}
	}
}

func TestGoodArrowsPass(t *testing.T) {
	for _, c := range []struct {
		from, to string
		place    Place
	}{
		{"services/identity", "services/ledger", InCode},
		{"services/identity/identitydb", "internal/database", InCode},
		{"services/identity/identitydb", "database/sql", InCode},
		{"bff/mobile", "bff/internal/front", InCode},
		{"graph", "services/space", InCode},
		{"graph", "push", InCode},
		{"internal/app", "bff/mobile", InCode},
		{"internal/cli", "mocks/province", InCode},
		{"internal/jobs", "internal/database", InCode},
		{"internal/journey", "internal/app", InTest},
		{"services/space", "context", InCode},
	} {
		if why := Fault(c.from, c.to, c.place); why != "" {
			t.Errorf("%s → %s: %s", c.from, c.to, why)
		}
	}
}

func TestMainIsShort(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n > 40 {
		t.Fatalf("main.go has %d lines", n)
	}
}

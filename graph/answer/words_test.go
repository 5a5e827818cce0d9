package answer_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/fault"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

func words(t *testing.T) *answer.Words {
	t.Helper()
	w, err := answer.Load()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestEveryCodeOfTheProductHasWords(t *testing.T) {
	w, known := words(t), 0
	for code, where := range codes(t, filepath.Join("..", "..")) {
		if w.Of(code, "").ZH == "" {
			t.Errorf("%s (%s) is not in words.json", code, where)
		}
		known++
	}
	if known < 40 {
		t.Fatalf("only %d codes were seen: the walk looks at the wrong place", known)
	}
}

func TestEveryWordIsComplete(t *testing.T) {
	w := words(t)
	for _, code := range w.Codes() {
		word := w.Of(code, "")
		if !regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`).MatchString(code) || word.When == "" || word.EN == "" || word.ZH == "" {
			t.Errorf("%s is incomplete: %+v", code, word)
		}
		if _, ok := kinds()[word.Kind]; !ok {
			t.Errorf("%s has the unknown kind %s", code, word.Kind)
		}
		if strings.ContainsAny(word.When+word.EN+word.ZH, "|\n") {
			t.Errorf("%s breaks the table", code)
		}
	}
	for kind := range kinds() {
		if w.Of(kind, "").ZH == "" {
			t.Errorf("the kind %s has no words of its own", kind)
		}
	}
}

func kinds() map[string]fault.Kind {
	out := map[string]fault.Kind{}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		out[k.String()] = k
	}
	return out
}

func TestTheDocumentOfErrorsIsFresh(t *testing.T) {
	file, want := filepath.Join("..", "..", "docs", "errors.md"), words(t).Document()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Fatalf("docs/errors.md is not what words.json says (%v): run go test ./graph/answer -update", err)
	}
}

// codes gives each code that a fault is made with anywhere, and where.
func codes(t *testing.T, root string) map[string]string {
	t.Helper()
	out, constants := map[string]string{}, map[string]string{}
	var later [][2]string // names of constants, and where they are used
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", ".git", "testdata", "mocks", "loadtest", "gengql"}, d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range codeOf(n) {
				switch e := e.(type) {
				case *ast.BasicLit:
					if code, err := strconv.Unquote(e.Value); err == nil && code != "" {
						out[code] = path
					}
				case *ast.Ident:
					later = append(later, [2]string{filepath.Dir(path) + " " + e.Name, path})
				}
			}
			collect(n, filepath.Dir(path), constants)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range later {
		if code := constants[l[0]]; code != "" {
			out[code] = l[1]
		}
	}
	return out
}

// codeOf gives the expression of a code where n makes a fault.
func codeOf(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "New" && len(n.Args) == 3 {
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "fault" {
				return n.Args[2:]
			}
		}
	case *ast.CompositeLit:
		if s, ok := n.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "Error" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "fault" {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "Code" {
							return []ast.Expr{kv.Value}
						}
					}
				}
			}
		}
	}
	return nil
}

// collect notes the text constants of a package.
func collect(n ast.Node, dir string, into map[string]string) {
	spec, ok := n.(*ast.ValueSpec)
	if !ok {
		return
	}
	for i, name := range spec.Names {
		if i < len(spec.Values) {
			if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				into[dir+" "+name.Name], _ = strconv.Unquote(lit.Value)
			}
		}
	}
}

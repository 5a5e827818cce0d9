package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// profile is the document that maps the standards' clauses to tests.
const profile = "docs/security-profile.md"

// clauses are those of each standard, by the headings of the profile: every one
// stands in its table with a test, or among what is not ours.
var clauses = map[string][]string{
	"FAPI":     join("5.2.1-", 5, "5.2.2", "5.2.3-", 3, "5.3.2.1-", 14, "5.3.2.2-", 14, "5.3.2.3", "5.3.3", "5.3.4-", 5, "5.4.1-", 4, "5.4.2-", 3, "5.4.3"),
	"RFC 9700": join("2.1", "2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "4.", 17),
	"RFC 8725": join("3.", 12),
}

// notOurs are the clauses that only an operator or a client can keep.
var notOurs = []string{"FAPI 5.2.1-3", "FAPI 5.2.1-4", "FAPI 5.2.2", "FAPI 5.2.3-2", "FAPI 5.3.3", "FAPI 5.4.2-1", "FAPI 5.4.3"}

// join gives names as they are, and a prefix before a number so many times.
func join(parts ...any) []string {
	var all []string
	for i, p := range parts {
		name, isName := p.(string)
		if !isName {
			continue
		}
		if i+1 == len(parts) {
			return append(all, name)
		}
		n, counted := parts[i+1].(int)
		if !counted {
			all = append(all, name)
			continue
		}
		for k := range n {
			all = append(all, name+strconv.Itoa(k+1))
		}
	}
	return all
}

// row is one line of the profile's tables.
type row struct{ standard, clause, tests string }

// rows reads the tables of the profile.
func rows(t *testing.T) []row {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", profile))
	if err != nil {
		t.Fatal(err)
	}
	var all []row
	standard := ""
	for line := range strings.SplitSeq(string(raw), "\n") {
		if heading, is := strings.CutPrefix(line, "## "); is {
			standard = ""
			for name := range clauses {
				if strings.HasPrefix(heading, name) {
					standard = name
				}
			}
			if heading == "Not ours" {
				standard = heading
			}
			continue
		}
		cells := strings.Split(line, "|")
		if standard == "" || len(cells) < 5 || strings.TrimSpace(cells[1]) == "clause" || strings.HasPrefix(cells[1], "---") {
			continue
		}
		all = append(all, row{standard, strings.TrimSpace(cells[1]), cells[len(cells)-2]})
	}
	return all
}

var named = regexp.MustCompile("`([a-z/0-9]+): (Test[A-Za-z0-9]+)(?:/([^`]+))?`")

func TestEveryClauseOfTheSecurityProfileHasItsTest(t *testing.T) {
	held, tests := map[string]bool{}, rooms{}
	for _, r := range rows(t) {
		if r.standard == "Not ours" {
			if !slices.Contains(notOurs, r.clause) {
				t.Errorf("%s is ours", r.clause)
			}
			held[r.clause] = true
			continue
		}
		refs := named.FindAllStringSubmatch(r.tests, -1)
		if len(refs) == 0 || len(refs) != strings.Count(r.tests, "Test") {
			t.Errorf("%s %s names no test, or one that can't be read: %s", r.standard, r.clause, r.tests)
		}
		for _, ref := range refs {
			if why := tests.missing(t, ref[1], ref[2], ref[3]); why != "" {
				t.Errorf("%s %s: %s", r.standard, r.clause, why)
			}
		}
		held[r.standard+" "+r.clause] = true
	}
	wanted := 0
	for standard, list := range clauses {
		for _, clause := range list {
			wanted++
			if !held[standard+" "+clause] {
				t.Errorf("%s %s does not stand in %s", standard, clause, profile)
			}
		}
	}
	if wanted < 80 || len(held) != wanted {
		t.Errorf("%d clauses stand there, %d are known", len(held), wanted)
	}
}

// rooms are the declarations of the tests of each room that was read.
type rooms map[string][]ast.Decl

func (r rooms) of(t *testing.T, room string) []ast.Decl {
	t.Helper()
	if decls, read := r[room]; read {
		return decls
	}
	files, err := filepath.Glob(filepath.Join("..", "..", room, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var decls []ast.Decl
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	r[room] = decls
	return decls
}

// missing tells why a test that is named is not there; empty where it is.
func (r rooms) missing(t *testing.T, room, test, row string) string {
	t.Helper()
	decls := r.of(t, room)
	for _, d := range decls {
		f, is := d.(*ast.FuncDecl)
		if !is || f.Recv != nil || f.Name.Name != test {
			continue
		}
		if row == "" || hasText(f, row) || hasText(tablesOf(f, decls), row) {
			return ""
		}
		return test + " has no row " + row
	}
	return room + " has no " + test
}

// tablesOf gives the variables of the room that the test names: its table may
// stand outside of it.
func tablesOf(test *ast.FuncDecl, decls []ast.Decl) *ast.GenDecl {
	named := map[string]bool{}
	ast.Inspect(test, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			named[id.Name] = true
		}
		return true
	})
	tables := &ast.GenDecl{Tok: token.VAR}
	for _, d := range decls {
		g, is := d.(*ast.GenDecl)
		if !is || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			if v := spec.(*ast.ValueSpec); slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return named[id.Name] }) {
				tables.Specs = append(tables.Specs, v)
			}
		}
	}
	return tables
}

func TestARowStandsInItsOwnTest(t *testing.T) {
	tests := rooms{}
	const refusals, other = "TestWhatMustBeRefusedIsRefusedInItsWords", "TestAProofIsRefusedAtTheEndpoints"
	for name, c := range map[string]struct {
		test, row string
		there     bool
	}{
		"in the table it names":       {refusals, "proof: missing at PAR", true},
		"in the test itself":          {other, "without a nonce", true},
		"in another test of its file": {"TestACodeIsForTheKeyThatAskedForIt", "without a nonce", false},
		"in another's table":          {other, "proof: missing at PAR", false},
		"nowhere":                     {refusals, "proof: none such", false},
	} {
		if why := tests.missing(t, "bff/oauth", c.test, c.row); (why == "") != c.there {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// hasText tells whether the code spells the text out as a string.
func hasText(code ast.Node, text string) bool {
	found := false
	ast.Inspect(code, func(n ast.Node) bool {
		if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && s == text {
				found = true
			}
		}
		return !found
	})
	return found
}

package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// handOvers are the places that hand a person's data to somebody else, and the
// test that shows it in the ledger, or refused where the ledger can't take it.
// Each function that records one must stand here.
var handOvers = map[string]string{
	"services/access/grant.go grant":        "bff/oauth/use_test.go TestEveryHandOverStandsInTheLedger",
	"services/access/grant.go goesOn":       "bff/oauth/exchange_test.go TestAMiniAppExchangesItsTokenForOurFront",
	"services/access/mandate.go actedToken": "bff/oauth/mandate_test.go TestWhatCannotBeRecordedIsNotActed",
	"services/access/userinfo.go record":    "bff/oauth/use_test.go TestWhatCannotBeRecordedIsNotGiven",
	"services/licence/show.go ShowCode":     "services/licence/licencedb/told_test.go TestWhatADelegateShowsIsSeenByTheHolder",
	"services/licence/check.go redeem":      "services/licence/licencedb/redeem_test.go TestWhatCanNotBeRecordedIsNeitherToldNorUsedUp",
	"services/licence/check.go Result":      "services/licence/licencedb/redeem_test.go TestWhatWasApprovedIsRecordedOnceHoweverOftenItIsAskedFor",
	"services/casework/submit.go owe":       "services/casework/caseworkdb/submit_test.go TestWhatTheLedgerCannotEnterIsNotSubmitted",
	"services/material/sign.go Sign":        "services/material/materialdb/sign_test.go TestASealIsReadByAnybodyAndNamesNobody",
	"services/visit/visit.go tell":          "services/visit/visit_test.go TestWhatTheLedgerRefusesIsNotTold",
}

// told are the root fields by which somebody other than the person asks about
// them, and the test that shows that no answer goes around the ledger.
var told = map[string]string{
	"visitor":       "services/visit/visit_test.go TestWhatTheLedgerRefusesIsNotTold",
	"visitCases":    "services/visit/visit_test.go TestWhatTheLedgerRefusesIsNotTold",
	"visitCase":     "services/visit/visit_test.go TestWhatTheLedgerRefusesIsNotTold",
	"licenceFacts":  "services/visit/visit_test.go TestWhatTheLedgerRefusesIsNotTold",
	"prefilledForm": "services/visit/visit_test.go TestAFormWithoutValuesIsNoUseOfData",
	"plugIn":        "", // about the app alone
	"tellVisitor":   "", // tells the person, and the app nothing
	"verifier":      "", // about the officer alone
	"check":         "services/licence/licencedb/redeem_test.go TestWhatCanNotBeRecordedIsNeitherToldNorUsedUp",
	"checkResult":   "services/licence/licencedb/redeem_test.go TestWhatWasApprovedIsRecordedOnceHoweverOftenItIsAskedFor",
	"checkChanged":  "services/licence/licencedb/redeem_test.go TestWhatWasApprovedIsRecordedOnceHoweverOftenItIsAskedFor",
}

func TestEachHandOverHasATestOfItsEntry(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "services"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && records(f) {
				seen[filepath.ToSlash(rel)+" "+f.Name.Name] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for place := range seen {
		if handOvers[place] == "" {
			t.Errorf("%s hands something over: name its test", place)
		}
	}
	for place, test := range handOvers {
		if !seen[place] {
			t.Errorf("%s records nothing", place)
		}
		exists(t, root, place, test)
	}
}

func TestEachQuestionOfOthersHasATestOfItsEntry(t *testing.T) {
	root := filepath.Join("..", "..")
	asked := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, "graph", "schema", "*.graphqls"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	field := regexp.MustCompile(`(?m)^  (\w+)(?:\([^)]*\))?: [^\n]*@(?:visiting|officer)\b`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range field.FindAllStringSubmatch(string(text), -1) {
			asked[found[1]] = true
		}
	}
	for name := range asked {
		if _, known := told[name]; !known {
			t.Errorf("%s tells others: name the test of its entry", name)
		}
	}
	for name, test := range told {
		if !asked[name] {
			t.Errorf("%s is no question of others", name)
		}
		if test != "" {
			exists(t, root, name, test)
		}
	}
}

// records tells whether the function has the ledger enter something.
func records(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if record, ok := call.Fun.(*ast.SelectorExpr); ok && record.Sel.Name == "Record" {
			if of, ok := record.X.(*ast.SelectorExpr); ok && of.Sel.Name == "Ledger" {
				found = true
			}
		}
		return true
	})
	return found
}

func exists(t *testing.T, root, place, test string) {
	t.Helper()
	path, name, _ := strings.Cut(test, " ")
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil || !strings.Contains(string(text), "func "+name+"(") {
		t.Errorf("%s: there is no test %q", place, test)
	}
}

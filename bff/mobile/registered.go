package mobile

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/operations"
)

// Check gives operations.Faults with everything that keeps a client team's
// documents from being trusted here, or nil.
func Check(m operations.Manifest) error {
	filtered, err := front.Filter(graph.Schema(), name)
	if err != nil {
		return err
	}
	schema := graph.Executable(filtered, &graph.Resolver{})
	var faults operations.Faults
	for _, o := range m.Operations {
		for _, f := range front.Check(schema, o) {
			faults = append(faults, o.Name+": "+f)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// Manifest gives the documents that the front has from the start, for a
// client's build.
func Manifest() (operations.Manifest, error) {
	documents, err := front.ReadDocuments(builtIn, "operations")
	if err != nil {
		return operations.Manifest{}, err
	}
	var list []operations.Document
	for name, id := range documents.Names() {
		body, _ := documents.Text(id)
		doc, err := parser.ParseQuery(&ast.Source{Input: body})
		if err != nil || len(doc.Operations) != 1 {
			return operations.Manifest{}, fmt.Errorf("%s is not one operation", name)
		}
		list = append(list, operations.Document{ID: id, Name: doc.Operations[0].Name, Type: strings.ToLower(string(doc.Operations[0].Operation)), Body: body})
	}
	return operations.NewManifest(list), nil
}

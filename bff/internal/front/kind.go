package front

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/tongban/tongban/bff/internal/graphiql"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/operations"
)

// Kind is what sets one front apart from another: which part of the schema it
// has, and the documents it trusts from the start. Whatever all fronts can do
// stands here once.
type Kind struct {
	tag       string
	documents fs.FS
	words     []byte // nil for the common ones
}

// Of gives the front of a value of the schema's enum Front, such as "MOBILE",
// with its trusted documents in the folder operations of files.
func Of(tag string, files fs.FS) Kind { return Kind{tag: tag, documents: files} }

// Saying gives the front words of its own for what goes wrong; see
// answer.Words.Plainer.
func (k Kind) Saying(words []byte) Kind {
	k.words = words
	return k
}

// Name is the front's name in addresses, limits, logs and registrations.
func (k Kind) Name() string { return strings.ToLower(k.tag) }

// Path is where the front answers.
func (k Kind) Path() string { return "/" + k.Name() + "/graphql" }

// GraphiQLPath is where developers try the front; the page's files stand below.
func (k Kind) GraphiQLPath() string { return "/" + k.Name() + "/graphiql" }

// GraphiQL gives that page, with the trusted document of the name to begin
// with; for the dev profile only.
func (k Kind) GraphiQL(document string) (http.Handler, error) {
	documents, err := k.read()
	if err != nil {
		return nil, err
	}
	first, known := documents.Text(documents.Names()[document])
	if !known {
		return nil, fmt.Errorf("front %s: no trusted document %s", k.Name(), document)
	}
	return graphiql.New(k.GraphiQLPath(), k.Path(), first)
}

// Serve gives the front's handler: c with its name, schema and documents. It
// fails when the schema does not fit the front, or a trusted document the
// schema.
func (k Kind) Serve(r *graph.Resolver, log *slog.Logger, c Config) (http.Handler, error) {
	filtered, err := Filter(graph.Schema(), k.tag)
	if err != nil {
		return nil, err
	}
	if c.Documents, err = k.read(); err != nil {
		return nil, err
	}
	words, err := answer.Load()
	if err == nil && k.words != nil {
		words, err = words.Plainer(k.words)
	}
	if err != nil {
		return nil, err
	}
	c.Name, c.Schema, c.Answers = k.Name(), graph.Executable(filtered, r), answer.NewPresenter(words, log)
	return New(c)
}

func (k Kind) read() (Documents, error) { return ReadDocuments(k.documents, "operations") }

// Operations gives the ids of the trusted documents by name.
func (k Kind) Operations() (map[string]string, error) {
	documents, err := k.read()
	if err != nil {
		return nil, err
	}
	return documents.Names(), nil
}

// Check gives operations.Faults with everything that keeps a client team's
// documents from being trusted here, or nil.
func (k Kind) Check(m operations.Manifest) error {
	filtered, err := Filter(graph.Schema(), k.tag)
	if err != nil {
		return err
	}
	schema := graph.Executable(filtered, &graph.Resolver{})
	var faults operations.Faults
	for _, o := range m.Operations {
		for _, f := range Check(schema, o) {
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
func (k Kind) Manifest() (operations.Manifest, error) {
	documents, err := k.read()
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

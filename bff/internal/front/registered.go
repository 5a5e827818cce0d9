package front

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/operations"
)

// registeredCache is what became of registered documents here, by id. It grows
// with what teams register, never with what strangers send.
type registeredCache struct{ byID sync.Map } // string → *document; nil where it no longer fits

// lookUp gives a registered document, nil where there is none. It was checked
// when it was registered; where the schema has lost what it needs since, it is
// unknown again.
func (f *Front) lookUp(ctx context.Context, id string) *document {
	if f.Registered == nil {
		return nil
	}
	if d, ok := f.registered.byID.Load(id); ok {
		return d.(*document)
	}
	text, ok := f.Registered.Find(ctx, id)
	if !ok {
		return nil
	}
	d, err := f.admit(text.Body)
	if err == nil {
		d.name = text.Name
	}
	kept, _ := f.registered.byID.LoadOrStore(id, d)
	return kept.(*document)
}

// admit parses a document that is to be trusted, and refuses one that could
// cost too much with the largest pages.
func (f *Front) admit(text string) (*document, error) {
	d, no := f.parse(text)
	if no != nil {
		return nil, no.errs[0]
	}
	for _, op := range d.ast.Operations {
		if n := cost(d.ast, op, largestPages(op)); n > MaxCost {
			return nil, over(fault.New("front.admit", fault.Invalid, "COST_TOO_HIGH").With("cost", fmt.Sprint(n)), MaxCost)
		}
	}
	return d, nil
}

// Check tells what keeps a document from being trusted by a front with this
// schema, in words for its authors; none when nothing does.
func Check(schema graphql.ExecutableSchema, o operations.Document) []string {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: o.Body}, MaxTokens)
	if err != nil {
		return []string{plainly(err)}
	}
	var faults []string
	if len(doc.Operations) != 1 {
		faults = append(faults, fmt.Sprintf("has %d operations, must have one", len(doc.Operations)))
	} else if op := doc.Operations[0]; op.Name != o.Name || string(op.Operation) != o.Type {
		faults = append(faults, fmt.Sprintf("is %s %s in its text, %s %s in the manifest", op.Operation, op.Name, o.Type, o.Name))
	}
	for _, e := range validator.ValidateWithRules(schema.Schema(), doc, nil) {
		faults = append(faults, plainly(e))
	}
	if len(faults) > 0 {
		return faults
	}
	judge := &Front{Config: Config{Profile: config.Production, Schema: schema}}
	if _, err := judge.admit(o.Body); err != nil {
		return []string{limitWords(err)}
	}
	return nil
}

// plainly gives a parser's words with their place.
func plainly(err error) string {
	e, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		return "is no GraphQL"
	}
	where := ""
	if len(e.Locations) > 0 {
		where = fmt.Sprintf("line %d, column %d: ", e.Locations[0].Line, e.Locations[0].Column)
	}
	return where + e.Message
}

// limitWords names the limit that a document is over.
func limitWords(err error) string {
	words := []string{fault.CodeOf(err)}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, name := range []string{"cost", "limit"} {
			if v := f.Detail[name]; v != "" {
				words = append(words, name+" "+v)
			}
		}
	}
	return strings.Join(words, ", ")
}

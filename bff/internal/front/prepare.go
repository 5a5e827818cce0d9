package front

import (
	"context"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tongban/tongban/graph/direct"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
)

// The cache of documents seen, in the dev profile: so many, none larger.
const (
	cachedDocuments = 512
	cachedSize      = 8 << 10
)

// toldErrors is how many broken rules a refusal tells, so that it stays below 2 KiB.
const toldErrors = 5

// document is a parsed and validated text, shared by all requests that send it.
type document struct {
	ast  *ast.QueryDocument
	text string
	id   string // the hash of text
	name string // of a trusted document; empty otherwise
	shape
}

// find gives the document that a request names by hash or text. Production
// knows only trusted ones.
func (f *Front) find(ctx context.Context, p *params) (*document, *refusal) {
	const op = "front.find"
	id := p.hash()
	if id == "" && p.Query == "" {
		return nil, refuse(http.StatusBadRequest, fault.New(op, fault.Invalid, "QUERY_MISSING"))
	}
	own := ""
	if p.Query != "" {
		own = ID(p.Query)
	}
	if id != "" && own != "" && id != own {
		return nil, decline(fault.New(op, fault.Invalid, "OPERATION_UNKNOWN"))
	}
	if id == "" {
		id = own
	}
	if d := f.trusted[id]; d != nil {
		return d, nil
	}
	if d := f.lookUp(ctx, id); d != nil {
		return d, nil
	}
	if f.Profile != config.Dev || p.Query == "" {
		return nil, decline(fault.New(op, fault.Invalid, "OPERATION_UNKNOWN"))
	}
	if d, ok := f.cache.Get(ctx, id); ok {
		return d, nil
	}
	d, no := f.parse(p.Query)
	if no == nil && len(p.Query) <= cachedSize {
		f.cache.Add(ctx, id, d)
	}
	return d, no
}

// parse reads, measures and validates a text, in the order of what each costs.
func (f *Front) parse(text string) (*document, *refusal) {
	const op = "front.parse"
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil {
		if strings.Contains(err.Error(), "exceeded token limit") {
			return nil, decline(over(fault.New(op, fault.Invalid, "TOO_MANY_TOKENS"), MaxTokens))
		}
		return nil, decline(placed(fault.New(op, fault.Invalid, "DOCUMENT_SYNTAX"), err))
	}
	if len(doc.Operations) == 0 {
		return nil, decline(fault.New(op, fault.Invalid, "QUERY_MISSING"))
	}
	d := &document{ast: doc, text: text, id: ID(text), shape: measure(doc)}
	if no := d.refusal(); no != nil {
		return nil, decline(no)
	}
	if longest(doc) > MaxList {
		return nil, decline(over(fault.New(op, fault.Invalid, "LIST_TOO_LONG"), MaxList))
	}
	if d.introspects && f.Profile != config.Dev {
		return nil, decline(fault.New(op, fault.Forbidden, "INTROSPECTION_OFF"))
	}
	var errs []error
	for _, e := range validator.ValidateWithRules(f.Schema.Schema(), doc, validation()) {
		if len(errs) == toldErrors {
			break
		}
		errs = append(errs, placed(fault.New(op, fault.Invalid, "DOCUMENT_INVALID").With("rule", e.Rule), e))
	}
	if len(errs) > 0 {
		return nil, decline(errs...)
	}
	undefer(doc)
	return d, nil
}

// validation gives the language's rules, those that suggest names without it:
// their words are never told, so nobody should pay for them.
func validation() *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule(rules.FieldsOnCorrectTypeRule.Name)
	r.RemoveRule(rules.ScalarLeafsRule.Name)
	r.AddRule(rules.FieldsOnCorrectTypeRule.Name, rules.FieldsOnCorrectTypeRuleWithoutSuggestions.RuleFunc)
	r.AddRule(rules.ScalarLeafsRule.Name, rules.ScalarLeafsRuleWithoutSuggestions.RuleFunc)
	return r
}

// operation gives the context in which p's operation of d is executed, and its cost.
func (f *Front) operation(d *document, p *params, header http.Header) (*graphql.OperationContext, int, *refusal) {
	const op = "front.operation"
	o := d.ast.Operations.ForName(p.OperationName)
	if o == nil {
		return nil, 0, decline(fault.New(op, fault.Invalid, "OPERATION_NAME_UNKNOWN"))
	}
	if longestVariable(p.Variables) > MaxList {
		return nil, 0, decline(over(fault.New(op, fault.Invalid, "LIST_TOO_LONG"), MaxList))
	}
	variables, err := validator.VariableValues(f.Schema.Schema(), o, p.Variables)
	if err != nil {
		return nil, 0, decline(fault.New(op, fault.Invalid, "VARIABLES_INVALID"))
	}
	n := cost(d.ast, o, variables)
	if n > MaxCost {
		return nil, n, decline(over(fault.New(op, fault.Invalid, "COST_TOO_HIGH"), MaxCost))
	}
	return &graphql.OperationContext{
		RawQuery: d.text, OperationName: p.OperationName, Variables: variables, Doc: d.ast, Operation: o,
		Headers: header, DisableIntrospection: f.Profile != config.Dev,
		RecoverFunc:            f.recover,
		ResolverMiddleware:     resolve,
		RootResolverMiddleware: f.rootField,
	}, n, nil
}

// resolve has a field answered; what is plain goes round the executor.
func resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	v, err := next(ctx)
	if err != nil {
		return v, err
	}
	if m, ok := direct.Marshal(ctx, v); ok {
		return m, nil
	}
	return v, nil
}

// undefer takes @defer out of a document: a transport that answers once would
// lose the deferred part. The document is not shared yet.
func undefer(doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		undeferSet(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		undeferSet(f.SelectionSet)
	}
}

func undeferSet(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			undeferSet(s.SelectionSet)
		case *ast.InlineFragment:
			s.Directives = withoutDefer(s.Directives)
			undeferSet(s.SelectionSet)
		case *ast.FragmentSpread:
			s.Directives = withoutDefer(s.Directives)
		}
	}
}

func withoutDefer(ds ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range ds {
		if d.Name != "defer" {
			out = append(out, d)
		}
	}
	return out
}

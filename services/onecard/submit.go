package onecard

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
)

// Submit looks for everything again and hands the matter in. A repeat with
// the same key and the same words gives the same case, whatever the sources
// say by then. It fails as Preflight and casework's Submit do; besides with
// Conflict MATERIAL_MISSING, naming in its detail what was not found, what no
// source could tell of (unknown) and what was given and is of no use (unfit:
// not there, of another matter, used before, or signed with other words than
// the form has now); Invalid MATERIAL_INVALID, naming what the matter asks
// nobody to give or sign; and FIELD_MISSING or FIELD_INVALID, naming the fields.
func (s *Service) Submit(ctx context.Context, actor ids.Actor, in Input) (casework.Case, error) {
	const op = "onecard.Submit"
	said, err := in.said()
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	sub := casework.Submission{Item: in.Item, Region: in.Region, IdempotencyKey: in.IdempotencyKey, Said: said}
	switch c, err := s.d.Cases.Repeated(ctx, actor, sub); {
	case err == nil:
		return c, nil
	case fault.CodeOf(err) != "IDEMPOTENCY_KEY_NEW":
		return casework.Case{}, fault.Wrap(op, err)
	}
	a, err := s.ask(ctx, actor, in.Item, in.Region)
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	// The form first: it costs nobody a call.
	if sub.Fields, err = s.complete(a.guide, a.facts(), in.Fields); err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	p, err := s.look(ctx, a)
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	unfit, err := s.answer(ctx, a, p, in.Materials, sub.Fields)
	if err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	if err := refuse(p, unfit); err != nil {
		return casework.Case{}, fault.Wrap(op, err)
	}
	sub.Materials = handIn(p)
	c, err := s.d.Cases.Submit(ctx, actor, sub)
	return c, fault.Wrap(op, err)
}

// refuse names at once everything a submission lacks.
func refuse(p Preflight, unfit []string) error {
	var missing, unknown []string
	for _, m := range p.Materials {
		switch {
		case !m.missing() || slices.Contains(unfit, m.Name):
		case m.State == Unknown:
			unknown = append(unknown, m.Name)
		default:
			missing = append(missing, m.Name)
		}
	}
	if len(missing)+len(unknown)+len(unfit) == 0 {
		return nil
	}
	f := fault.New("onecard.refuse", fault.Conflict, "MATERIAL_MISSING")
	if len(missing) > 0 {
		f = f.With("materials", strings.Join(missing, ","))
	}
	if len(unknown) > 0 { // may well be there: trying again later can help
		f = f.With("unknown", strings.Join(unknown, ","))
	}
	if len(unfit) > 0 {
		f = f.With("unfit", strings.Join(unfit, ","))
	}
	return f
}

// handIn lists what goes to the handling place: what was found, what the form
// gives, what the person gave or signed, and what a clerk still checks.
func handIn(p Preflight) []casework.Material {
	out := []casework.Material{}
	for _, m := range p.Materials {
		if m.paper != nil {
			out = append(out, handed(m))
			continue
		}
		if m.State != Found && m.State != AtCounter && m.Field == "" {
			continue // optional and not there
		}
		from := string(m.From)
		switch {
		case m.Field != "":
			from = "form"
		case m.State == Found && from == "":
			from = "profile"
		}
		out = append(out, casework.Material{Name: m.Name, How: string(m.How), From: from, Ref: m.Ref})
	}
	return out
}

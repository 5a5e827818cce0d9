package graph

import (
	"context"

	"github.com/tongban/tongban/graph/view"
	"github.com/tongban/tongban/internal/ids"
)

// actedBy gives the name of who acted; null where nobody acted for another.
func (r *Resolver) actedBy(ctx context.Context, by ids.SubjectID) (*string, error) {
	if by == "" {
		return nil, nil //nolint:nilnil // null is what the schema says
	}
	who, err := r.Accounts.Account(ctx, by)
	return some(who.Profile.Name, err)
}

// acting gives who acts and as what; null for who acts for itself, or by a mandate.
func (r *Resolver) acting(ctx context.Context, actor ids.Actor) (*view.ActingPerson, error) {
	if !actor.Role.Known() {
		return nil, nil
	}
	name, err := r.actedBy(ctx, actor.By)
	if name == nil || err != nil {
		return nil, err
	}
	return &view.ActingPerson{Name: *name, Role: actor.Role}, nil
}

package graph

import (
	"context"

	"github.com/tongban/tongban/graph/view"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/identity/realname"
	"github.com/tongban/tongban/services/mandate"
)

// mandate gives m as who asks is shown it.
func (r *Resolver) mandate(ctx context.Context, m mandate.Mandate, err error) (view.Mandate, error) {
	if err != nil {
		return view.Mandate{}, err
	}
	actor, now := reqctx.Actor(ctx), r.Clock.Now()
	who := m.Principal
	if m.Of(actor.Subject) == mandate.Principal && actor.Mandate == "" {
		who = m.Delegate
	}
	other, err := r.actedBy(ctx, who)
	if err != nil {
		return view.Mandate{}, err
	}
	if other != nil && m.State(now) != mandate.Standing {
		masked := realname.MaskName(*other)
		other = &masked
	}
	return view.MandateOf(m, actor, other, now), nil
}

// actingBy gives the mandate by which actor acts; null where it acts otherwise.
func (r *Resolver) actingBy(ctx context.Context, actor ids.Actor) (*view.Mandate, error) {
	if actor.Mandate == "" {
		return nil, nil
	}
	m, err := r.Mandates.Mandate(ctx, actor, actor.Mandate)
	return some(r.mandate(ctx, m, err))
}

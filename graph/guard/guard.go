// Package guard is who may ask for a root field: the directives of the schema.
// Whose a thing is, the services know.
package guard

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/reqctx"
)

// SignedIn lets a field be asked for by who is signed in, at the level or
// above, and who acts by a mandate only where acting names what opens it. It
// fails with Unauthenticated SIGN_IN_REQUIRED, Forbidden ACTING_NOT_ALLOWED or
// LEVEL_TOO_LOW.
func SignedIn(ctx context.Context, _ any, next graphql.Resolver, level *int32, acting []Acting) (any, error) {
	const op = "guard.SignedIn"
	facts := reqctx.From(ctx)
	if facts.Actor.Subject == "" {
		return nil, fault.New(op, fault.Unauthenticated, "SIGN_IN_REQUIRED")
	}
	if !may(facts.Actor, acting) {
		return nil, fault.New(op, fault.Forbidden, "ACTING_NOT_ALLOWED")
	}
	if level != nil && facts.Level < int(*level) {
		return nil, fault.New(op, fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", strconv.Itoa(int(*level)))
	}
	return next(ctx)
}

// Officer lets a field be asked for by an officer of a registered verifier. It
// fails with Unauthenticated SIGN_IN_REQUIRED.
func Officer(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if reqctx.From(ctx).Officer.ID == "" {
		return nil, fault.New("guard.Officer", fault.Unauthenticated, "SIGN_IN_REQUIRED")
	}
	return next(ctx)
}

// Visiting lets a field be asked for by a mini-app's back end with the token of
// a launch. It fails with Unauthenticated LAUNCH_REQUIRED.
func Visiting(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if reqctx.From(ctx).Visit.App == "" {
		return nil, fault.New("guard.Visiting", fault.Unauthenticated, "LAUNCH_REQUIRED")
	}
	return next(ctx)
}

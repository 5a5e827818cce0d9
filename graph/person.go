package graph

import (
	"context"

	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/elderly"
)

// person gives who asks, and how surely it is they.
func person(ctx context.Context) elderly.Person {
	facts := reqctx.From(ctx)
	return elderly.Person{Actor: facts.Actor, Level: facts.Level}
}

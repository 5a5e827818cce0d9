package graph

import (
	"context"

	"github.com/tongban/tongban/internal/reqctx"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/mydata"
)

// asker gives who asks about its own data, and in which sign-in.
func asker(ctx context.Context) mydata.Asker {
	facts := reqctx.From(ctx)
	return mydata.Asker{Actor: facts.Actor, Session: facts.Session}
}

// person gives who asks, and how surely it is they.
func person(ctx context.Context) elderly.Person {
	facts := reqctx.From(ctx)
	return elderly.Person{Actor: facts.Actor, Level: facts.Level}
}

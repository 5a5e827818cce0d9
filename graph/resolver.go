package graph

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tongban/tongban/graph/gengql"
	"github.com/tongban/tongban/graph/guard"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
)

// Resolver asks the services.
type Resolver struct {
	Accounts  Accounts
	MyData    MyData
	Catalogue Catalogue
	Mandates  Mandates
	Apps      Apps
	Consents  Consents
	Access    Access
	Licences  Licences
	Cases     Cases
	Space     Space
	OneCard   OneCard
	Materials Materials
	Elderly   Elderly
	Ledger    Ledger
	Showing   Showing
	Checks    Checks
	Push      Push
	Visits    Visits
	Messages  Messages
	// Clock tells where mandates stand.
	Clock clock.Clock
	// Changes wakes subscriptions.
	Changes changes.Watcher
}

// Schema gives the whole schema, which no client sees: fronts filter it.
func Schema() *ast.Schema { return gengql.NewExecutableSchema(gengql.Config{}).Schema() }

// Executable joins a front's filtered schema with the resolvers.
func Executable(filtered *ast.Schema, r *Resolver) graphql.ExecutableSchema {
	return gengql.NewExecutableSchema(gengql.Config{
		Schema: filtered, Resolvers: r, Directives: gengql.DirectiveRoot{SignedIn: guard.SignedIn, Officer: guard.Officer, Visiting: guard.Visiting},
	})
}

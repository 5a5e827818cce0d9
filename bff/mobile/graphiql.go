package mobile

import (
	"net/http"

	"github.com/tongban/tongban/bff/internal/graphiql"
)

// GraphiQLPath is where developers try the front; the page's files stand below.
const GraphiQLPath = "/mobile/graphiql"

// GraphiQL gives the page; for the dev profile only.
func GraphiQL() (http.Handler, error) { return graphiql.New(GraphiQLPath, Path) }

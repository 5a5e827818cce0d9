package front

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/internal/fault"
)

// refusal is a request that is not executed: it is answered without a data key.
type refusal struct {
	errs []error
	// status is what application/graphql-response+json answers.
	status int
	// legacy is what application/json answers: 200 where HTTP did its part and
	// only the document was wrong.
	legacy int
}

// refuse gives a refusal of the HTTP request itself.
func refuse(status int, err *fault.Error) *refusal {
	return &refusal{errs: []error{err}, status: status, legacy: status}
}

// decline gives a refusal of a document that came well through HTTP.
func decline(errs ...error) *refusal {
	return &refusal{errs: errs, status: http.StatusBadRequest, legacy: http.StatusOK}
}

// placed gives f with the places in the document that it is about, and nothing
// else of what a parser said.
func placed(f *fault.Error, from error) error {
	e := &gqlerror.Error{Err: f, Message: f.Code}
	if g, ok := from.(*gqlerror.Error); ok {
		e.Locations = g.Locations[:min(len(g.Locations), 2)]
	}
	return e
}

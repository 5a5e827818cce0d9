package front

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

func TestAnAnswerIsOneLineOfJSON(t *testing.T) {
	for name, a := range map[string]reply{
		"data alone":      {data: json.RawMessage(`{"a":1}`)},
		"errors alone":    {errs: gqlerror.List{{Message: "no"}}},
		"both":            {data: json.RawMessage(`{"a":null}`), errs: gqlerror.List{{Message: "no"}}},
		"with extensions": {data: json.RawMessage(`{"a":1}`), errs: gqlerror.List{{Message: "no"}}, extensions: &extensions{}},
	} {
		a.media, a.status = mediaJSON, 200
		w := httptest.NewRecorder()
		a.write(w)
		if body := w.Body.String(); !json.Valid([]byte(body)) || strings.ContainsAny(body, "\n") {
			t.Errorf("%s: %q", name, body)
		}
	}
}

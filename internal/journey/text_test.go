package journey_test

import (
	"encoding/base64"
	"testing"
)

// NUL is a legal character of JSON and of no text column.
func TestATextNobodyCanKeepIsRefusedAndFailsNothing(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: []string{henan}, database: url})
		p := st.phone(roamer)
		for name, query := range map[string]string{
			"an id in the document": `{ case(id: "TB\u0000") { id } }`,
			"a cursor":              `{ inbox(first: 1, after: "` + base64.RawURLEncoding.EncodeToString([]byte("1 n\x00")) + `") { edges { cursor } } }`,
			"a notice":              `mutation { markNoticeRead(input: {notice: "n\u0000"}) { notice { id } } }`,
		} {
			a, err := p.Send(t.Context(), map[string]any{"query": query})
			must(t, err)
			if len(a.Errors) != 1 || a.Errors[0].Code() != "TEXT_INVALID" && a.Errors[0].Code() != "PAGE_INVALID" {
				t.Errorf("%s: %+v", name, a.Errors)
			}
		}
	})
}

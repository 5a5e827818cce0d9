package front_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

// canary stands for what must never come back.
const canary = "11010519491231002X"

func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("query { me { ...F0 } }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Person { friend { ...F%d } f2: friend { ...F%d } }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Person { id }", levels)
	return b.String()
}

func flatBomb(levels int, root, on string) string {
	var b strings.Builder
	b.WriteString("query " + root)
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on %s { ...F%d ...F%d }", i, on, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on %s { __typename }", levels, on)
	return b.String()
}

func TestWhatIsOverALimitIsRefusedCheaply(t *testing.T) {
	for name, c := range map[string]struct{ query, want string }{
		"26 fragments that spread twice":       {flatBomb(26, "{me{...F0}}", "Person"), "TOO_MANY_SPREADS"},
		"24 fragments that spread twice":       {flatBomb(24, "{me{...F0}}", "Person"), "COST_TOO_HIGH"},
		"the same in introspection":            {flatBomb(24, "{__schema{types{...F0}}}", "__Type"), "COST_TOO_HIGH"},
		"fragments that nest twice":            {bomb(9), "TOO_MANY_ALIASES|TOO_DEEP"},
		"fragments that spread each other":     {"{me{...A}} fragment A on Person{...B} fragment B on Person{...A}", "DOCUMENT_INVALID"},
		"5,000 times the same field":           {"{" + strings.Repeat("me{id}", 5_000) + "}", "TOO_MANY_TOKENS"},
		"10,000 directives":                    {"{me" + strings.Repeat("@include(if:true)", 3_000) + "{id}}", "TOO_MANY_TOKENS"},
		"60 directives":                        {"{me{" + strings.Repeat("id @skip(if:false) ", 60) + "}}", "TOO_MANY_DIRECTIVES"},
		"aliases over the tokens":              {"{" + aliases(4_000) + "}", "TOO_MANY_TOKENS"},
		"16 aliases":                           {"{" + aliases(16) + "}", "TOO_MANY_ALIASES"},
		"11 deep":                              {deep(11), "TOO_DEEP"},
		"30,000 deep":                          {strings.Repeat("{a", 30_000), "TOO_MANY_TOKENS"},
		"a page of 100 with 20 fields":         {"{list(first:100){" + strings.Repeat("id name ", 10) + "}}", "COST_TOO_HIGH"},
		"a list of 101":                        {"{list(ids:[" + strings.Repeat(`"a",`, 101) + "]){id}}", "LIST_TOO_LONG"},
		"a field of another front":             {"{audit{at}}", "DOCUMENT_INVALID"},
		"a field narrowed to another front":    {"{me{secret{at}}}", "DOCUMENT_INVALID"},
		"a wrong field with a person's number": {`{me(id:"` + canary + `"){x` + canary + `}}`, "DOCUMENT_INVALID"},
		"cut in the middle of a number":        {`{list(ids:["` + canary, "DOCUMENT_SYNTAX"},
		"nothing":                              {"", "QUERY_MISSING"},
		"a fragment alone":                     {"fragment A on Person {id}", "QUERY_MISSING"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, config.Dev)
			refused(t, s.do(t, query(c.query)), c.want)
			if strings.Contains(s.log.String(), canary) {
				t.Fatal("the log has what was sent")
			}
		})
	}
}

func refused(t *testing.T, w *httptest.ResponseRecorder, want string) {
	t.Helper()
	got := code(t, w)
	if got == "" || !strings.Contains("|"+want+"|", "|"+got+"|") {
		t.Errorf("code %q, want %s: %s", got, want, w.Body)
	}
	if w.Body.Len() >= 2<<10 {
		t.Errorf("%d bytes to say no", w.Body.Len())
	}
	if strings.Contains(w.Body.String(), canary) {
		t.Errorf("it echoes what was sent: %s", w.Body)
	}
	if w.Code < 400 {
		t.Errorf("status %d", w.Code)
	}
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d:me{id} ", i)
	}
	return b.String()
}

func deep(n int) string {
	return "{me" + strings.Repeat("{friend", n-2) + "{id}" + strings.Repeat("}", n-2) + "}"
}

func TestTheLimitsThemselvesAreAllowed(t *testing.T) {
	for name, text := range map[string]string{
		"10 deep": deep(10), "15 aliases": "{" + aliases(15) + "}", "100 ids": "{list(ids:[" + strings.Repeat(`"a",`, 100) + "]){id}}",
		"50 spreads": "{me{" + strings.Repeat("...A ", 50) + "}} fragment A on Person{id}",
	} {
		t.Run(name, func(t *testing.T) {
			if w := newStage(t, config.Dev).do(t, query(text)); w.Code != 200 || code(t, w) != "" {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// endless is a body that never stops; taken counts what was read of it.
type endless struct{ taken int }

func (e *endless) Read(p []byte) (int, error) {
	e.taken += len(p)
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestWrongBodiesAreRefused(t *testing.T) {
	deepJSON := `{"query":"{me{id}}","variables":{"a":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + `}}`
	for name, c := range map[string]struct{ body, want string }{
		"cut JSON with an ID number": {`{"query":"{me{id}}","variables":{"id":"` + canary, "JSON_MALFORMED"},
		"a batch":                    {` [{"query":"{me{id}}"},{"query":"{me{id}}"}]`, "BATCH_REFUSED"},
		"two values":                 {`{"query":"{me{id}}"} {}`, "JSON_MALFORMED"},
		"a query that is no text":    {`{"query":{"a":1}}`, "JSON_MALFORMED"},
		"arrays 30,000 deep":         {deepJSON, "JSON_MALFORMED"},
		"over 64 KiB":                {`{"query":"` + strings.Repeat(" ", 64<<10) + `"}`, "BODY_TOO_LARGE"},
		"a list of 101 in variables": {`{"query":"query($i:[ID!]){list(ids:$i){id}}","variables":{"i":[` + strings.Repeat(`"a",`, 100) + `"a"]}}`, "LIST_TOO_LONG"},
		"a variable of a wrong type": {`{"query":"query($i:[ID!]){list(ids:$i){id}}","variables":{"i":{"a":"` + canary + `"}}}`, "VARIABLES_INVALID"},
		"an unknown operation":       {`{"query":"query A{me{id}}","operationName":"` + canary + `"}`, "OPERATION_NAME_UNKNOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, newStage(t, config.Dev).do(t, post(strings.NewReader(c.body))), c.want)
		})
	}
}

func TestABodyOf50MegabytesIsNotRead(t *testing.T) {
	s, body := newStage(t, config.Dev), &endless{}
	r := post(io.LimitReader(body, 50<<20))
	r.ContentLength = -1
	refused(t, s.do(t, r), "BODY_TOO_LARGE")
	if body.taken > 256<<10 {
		t.Fatalf("%d bytes read", body.taken)
	}
	r = post(body)
	r.ContentLength, body.taken = 50<<20, 0
	refused(t, s.do(t, r), "BODY_TOO_LARGE")
	if body.taken != 0 {
		t.Fatalf("%d bytes read though the length was told", body.taken)
	}
}

// A page costs what it may give, however its size is written.
func TestNoWayOfWritingAPageMakesItCheap(t *testing.T) {
	const list = `query($n:Int){list(first:$n){id name friend{id name}}}` // five fields of each node
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"a number":           {`{"query":"` + list + `","variables":{"n":50}}`, 251},
		"a number as text":   {`{"query":"` + list + `","variables":{"n":"50"}}`, 251},
		"a small one":        {`{"query":"` + list + `","variables":{"n":"2"}}`, 11},
		"nothing":            {`{"query":"` + list + `","variables":{}}`, 51},
		"null":               {`{"query":"` + list + `","variables":{"n":null}}`, 251},
		"null, written down": {`{"query":"{list(first:null){id}}"}`, 51},
	} {
		s := newStage(t, config.Dev)
		if w := s.do(t, post(strings.NewReader(c.body))); w.Code != 200 || s.seen[0].Cost != c.want {
			t.Errorf("%s: %d, cost %d, want %d", name, w.Code, s.seen[0].Cost, c.want)
		}
	}
}

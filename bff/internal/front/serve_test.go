package front_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
)

func TestTheDataGoesOutAsItWasEncoded(t *testing.T) {
	w := newStage(t, config.Dev).do(t, query("{me{id}}"))
	if got := w.Body.String(); w.Code != 200 || got != `{"data":`+answered+`}` {
		t.Fatalf("%d %s", w.Code, got)
	}
}

func TestAnErrorBesideDataKeepsBoth(t *testing.T) {
	s := newStage(t, config.Dev)
	e := s.Schema.(executable)
	e.exec = func(ctx context.Context) *graphql.Response {
		for range 30 {
			graphql.AddError(ctx, &gqlerror.Error{Message: canary, Err: fault.New("test", fault.Private, "CASE_PRIVATE")})
		}
		return &graphql.Response{Data: []byte(`{"me":null}`)}
	}
	s.Schema = e
	w := s.do(t, query("{me{id}}"))
	got := w.Body.String()
	if !strings.HasSuffix(got, `,"data":{"me":null}}`) || strings.Count(got, `"NOT_FOUND","kind"`) != front.MaxErrors {
		t.Fatalf("%s", got)
	}
	if strings.Contains(got, canary) || strings.Contains(got, "PRIVATE") {
		t.Fatalf("it tells what it must not: %s", got)
	}
}

func TestAPanicIsToldAsInternal(t *testing.T) {
	s := newStage(t, config.Dev)
	e := s.Schema.(executable)
	e.exec = func(context.Context) *graphql.Response { panic(canary) }
	s.Schema = e
	w := s.do(t, query("{me{id}}"))
	if w.Code != 500 || code(t, w) != "INTERNAL" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if log := s.log.String(); strings.Contains(log, canary) || !strings.Contains(log, "level=ERROR") {
		t.Fatalf("log: %s", log)
	}
}

func TestMediaTypes(t *testing.T) {
	for _, c := range []struct {
		accept, media string
		status        int
	}{
		{"", "application/json", 200}, {"*/*", "application/json", 200}, {"application/*;q=0.5", "application/json", 200},
		{"application/json", "application/json", 200},
		{"application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json", 400},
		{"text/html", "application/json", 406}, {"application/json;q=0", "application/json", 406},
	} {
		t.Run(c.accept, func(t *testing.T) {
			r := query("{nobody}")
			r.Header.Set("Accept", c.accept)
			w := newStage(t, config.Dev).do(t, r)
			if got := w.Header().Get("Content-Type"); w.Code != c.status || got != c.media+"; charset=utf-8" {
				t.Fatalf("%d %s", w.Code, got)
			}
		})
	}
}

func TestOtherBodiesThanJSONAreRefused(t *testing.T) {
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"} {
		r := query("{me{id}}")
		r.Header.Set("Content-Type", media)
		if w := newStage(t, config.Dev).do(t, r); w.Code != 415 || code(t, w) != "CONTENT_TYPE_UNSUPPORTED" {
			t.Errorf("%q: %d", media, w.Code)
		}
	}
}

func get(query string) *http.Request {
	return httptest.NewRequest(http.MethodGet, "/mobile/graphql?query="+url.QueryEscape(query), nil)
}

func TestGetTakesQueriesInTheDevProfileOnly(t *testing.T) {
	if w := newStage(t, config.Dev).do(t, get("{me{id}}")); w.Code != 200 {
		t.Fatalf("dev: %d %s", w.Code, w.Body)
	}
	if w := newStage(t, config.Production).do(t, get("query Me { me { id } }\n")); w.Code != 405 || code(t, w) != "METHOD_NOT_ALLOWED" {
		t.Fatalf("production: %d %s", w.Code, w.Body)
	}
}

func TestGetNeverTakesAMutation(t *testing.T) {
	w := newStage(t, config.Dev).do(t, get(`mutation{rename(input:{name:"x"}){id}}`))
	if w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestProductionRunsTrustedDocumentsOnly(t *testing.T) {
	text := "query Me { me { id } }\n"
	hash := func(id string) *http.Request {
		return post(strings.NewReader(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + id + `"}}}`))
	}
	s := newStage(t, config.Production)
	for name, r := range map[string]*http.Request{"by text": query(text), "by hash": hash(front.ID(text))} {
		if w := s.do(t, r); w.Code != 200 || code(t, w) != "" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, r := range map[string]*http.Request{
		"another text": query("{me{id name}}"), "a space more": query(text + " "), "introspection": query("{__schema{types{name}}}"),
		"another hash": hash(front.ID("x")), "no hash": hash(""),
	} {
		if w := s.do(t, r); w.Code != 400 || !strings.Contains("OPERATION_UNKNOWN QUERY_MISSING", code(t, w)) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if s.seen[0].Operation != "Me" || s.seen[0].Cost != 2 {
		t.Errorf("observed %+v", s.seen[0])
	}
}

func TestAHashThatIsNotTheTextsIsRefused(t *testing.T) {
	r := post(strings.NewReader(`{"query":"{me{id}}","extensions":{"persistedQuery":{"sha256Hash":"` + front.ID("other") + `"}}}`))
	if w := newStage(t, config.Dev).do(t, r); code(t, w) != "OPERATION_UNKNOWN" {
		t.Fatalf("%s", w.Body)
	}
}

func TestATokenSaysWhoAsks(t *testing.T) {
	s := newStage(t, config.Dev)
	r := query("{me{id}}")
	r.Header.Set("Authorization", "Bearer good")
	r.Header.Set("X-Request-Id", "from-phone_1")
	r.Header.Set("Accept-Language", "en-GB,zh;q=0.5")
	w := s.do(t, r)
	f := s.facts
	if f.Actor.Subject != "sub_1" || f.Level != 3 || f.RequestID != "from-phone_1" || f.Language != "en" || f.Network != "192.0.2.0/24" || f.Front != "mobile" {
		t.Fatalf("facts %+v", f)
	}
	if w.Header().Get("X-Request-Id") != "from-phone_1" {
		t.Fatal("the request id is not told")
	}
}

func TestABadTokenIsNeverAnonymous(t *testing.T) {
	for header, want := range map[string]int{"Bearer " + canary: 401, "Bearer ": 401, "Basic good": 401, "Bearer later": 503} {
		r := query("{me{id}}")
		r.Header.Set("Authorization", header)
		w := newStage(t, config.Dev).do(t, r)
		if w.Code != want || strings.Contains(w.Body.String(), canary) {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
		if want == 401 && (code(t, w) != "TOKEN_INVALID" || w.Header().Get("WWW-Authenticate") == "") {
			t.Errorf("%s: %s", header, w.Body)
		}
	}
}

func TestARequestIdFromOutsideIsCleaned(t *testing.T) {
	s, r := newStage(t, config.Dev), query("{me{id}}")
	r.Header.Set("X-Request-Id", "a\" b="+canary)
	if w := s.do(t, r); strings.Contains(w.Header().Get("X-Request-Id"), canary) {
		t.Fatal("taken as it came")
	}
}

func TestAnAliasCostsTheCallerWhatAFieldCosts(t *testing.T) {
	s := newStage(t, config.Dev)
	s.Anonymous = limit.Rule{Per: time.Minute, Burst: 12}
	ask := func() *httptest.ResponseRecorder { return s.do(t, query("{a:me{id} b:me{id} c:me{id}}")) }
	if w := ask(); w.Code != 200 {
		t.Fatalf("%s", w.Body)
	}
	if w := ask(); w.Code != 200 {
		t.Fatalf("%s", w.Body)
	}
	w := ask()
	if w.Code != 429 || code(t, w) != "RATE_LIMITED" || w.Header().Get("Retry-After") != "30" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	s.clock.Advance(30 * time.Second)
	if w := ask(); w.Code != 200 {
		t.Fatalf("after Retry-After: %s", w.Body)
	}
}

func TestWrongDocumentsAreChargedToo(t *testing.T) {
	s := newStage(t, config.Dev)
	s.Anonymous = limit.Rule{Per: time.Minute, Burst: 2}
	for range 2 {
		s.do(t, query("{nobody}"))
	}
	if w := s.do(t, query("{nobody}")); w.Code != 429 {
		t.Fatalf("%d", w.Code)
	}
}

func TestGuessingTokensIsSlowedDown(t *testing.T) {
	s := newStage(t, config.Dev)
	s.Anonymous = limit.Rule{Per: time.Minute, Burst: 2}
	guess := func() int {
		r := query("{me{id}}")
		r.Header.Set("Authorization", "Bearer x")
		return s.do(t, r).Code
	}
	if a, b, c := guess(), guess(), guess(); a != 401 || b != 401 || c != 429 {
		t.Fatal(a, b, c)
	}
}

func TestOnlyLargeAnswersAreCompressed(t *testing.T) {
	s, r := newStage(t, config.Dev), query("{me{id}}")
	r.Header.Set("Accept-Encoding", "gzip")
	if w := s.do(t, r); w.Header().Get("Content-Encoding") != "" {
		t.Fatal("a small answer was compressed")
	}
	e := s.Schema.(executable)
	e.exec = func(context.Context) *graphql.Response {
		return &graphql.Response{Data: []byte(`{"me":{"name":"` + strings.Repeat("a", 4<<10) + `"}}`)}
	}
	s.Schema = e
	for _, encoding := range []string{"gzip", "zstd"} {
		r := query("{me{id}}")
		r.Header.Set("Accept-Encoding", encoding)
		w := s.do(t, r)
		b, _ := io.ReadAll(w.Body)
		if w.Header().Get("Content-Encoding") != encoding || len(b) > 1<<10 {
			t.Fatalf("%s: %v, %d bytes", encoding, w.Header(), len(b))
		}
	}
}

func TestATrustedDocumentThatMayCostTooMuchStopsTheStart(t *testing.T) {
	s := newStage(t, config.Production)
	text := "query L($n: Int) { list(first: $n) {" + strings.Repeat(" id name", 10) + " } }"
	docs, err := front.ReadDocuments(fstest.MapFS{"ops/L.graphql": {Data: []byte(text)}}, "ops")
	if err != nil {
		t.Fatal(err)
	}
	s.Documents = docs
	if _, err := front.New(s.Config); err == nil || !strings.Contains(err.Error(), "COST_TOO_HIGH, cost 1001") {
		t.Fatalf("err %v", err)
	}
}

func TestATrustedDocumentThatDoesNotFitStopsTheStart(t *testing.T) {
	s := newStage(t, config.Production)
	filtered, err := front.Filter(load(t, small), "CONSOLE")
	if err != nil {
		t.Fatal(err)
	}
	s.Schema = executable{schema: filtered}
	if _, err := front.New(s.Config); err != nil {
		t.Fatalf("a document that fits: %v", err)
	}
	s.Schema = executable{schema: load(t, "type Query { other: ID }")}
	if _, err := front.New(s.Config); err == nil || !strings.Contains(err.Error(), "Me") {
		t.Fatalf("err %v", err)
	}
}

package mobile_test

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// tokens knows tokens of the form "level-3", and a delegate's.
type tokens struct{ sendertest.Proofs }

func (t *tokens) StandsAccess(ctx context.Context, token, audience string) error {
	_, err := t.VerifyAccess(ctx, access.Presented{Token: token}, audience)
	return err
}

func (*tokens) MobileAudience() string { return "http://localhost/mobile" }

func (*tokens) VerifyAccess(_ context.Context, p access.Presented, audience string) (access.Verified, error) {
	levels := map[string]int{"level-2": 2, "level-3": 3, "delegate": 4}
	if levels[p.Token] == 0 || audience != "http://localhost/mobile" {
		return access.Verified{}, fault.New("test", fault.Unauthenticated, "TOKEN_INVALID")
	}
	actor := ids.Actor{Subject: "sub_1"}
	if p.Token == "delegate" { // of all there is
		actor = ids.Actor{Subject: "sub_1", By: "sub_2", Mandate: "man_1", Scopes: "app:* licence matter:* space"}
	}
	return access.Verified{Actor: actor, Session: "ses_1", Client: access.MobileClient, Level: levels[p.Token]}, nil
}

func serve(t *testing.T, profile config.Profile, r *graph.Resolver) http.Handler {
	t.Helper()
	c := clock.At(now)
	h, err := mobile.New(mobile.Deps{
		Profile: profile, Resolver: r, Tokens: &tokens{}, Limiter: limit.NewLocal(c), Burst: 100_000,
		Clock: c, IDs: ids.Random(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

type answer struct {
	Status int
	Data   map[string]json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct {
			Code, Kind string
			Detail     map[string]string
		}
	}
}

func ask(t *testing.T, h http.Handler, token, query string, variables map[string]any) (answer, string) {
	t.Helper()
	b, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, mobile.Path, strings.NewReader(string(b)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{Status: w.Code}
	body := w.Body.String()
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return a, body
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; see the difference, then run the test with -update:\n%s", file, got)
	}
}

func TestTheContractWithTheClients(t *testing.T) {
	s, err := front.Filter(graph.Schema(), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	sdl := front.SDL(s)
	golden(t, "schema.golden.graphql", sdl)
	for _, never := range []string{"@front", "@signedIn", "@public", "enum Front"} {
		if strings.Contains(sdl, never) {
			t.Errorf("clients are shown %s", never)
		}
	}
}

func operation(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("operations", name+".graphql"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryOperationIsNamedAsItsFile(t *testing.T) {
	byName, err := mobile.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range byName {
		text := operation(t, name)
		if !strings.Contains(text, "query "+name) && !strings.Contains(text, "mutation "+name) && !strings.Contains(text, "subscription "+name) {
			t.Errorf("%s has an operation of another name", name)
		}
		if front.ID(text) != id {
			t.Errorf("%s: id %s", name, id)
		}
	}
}

// Every root field that needs somebody is refused to nobody, before any
// service is asked: there is none here.
func TestNobodyReachesAFieldOfSomebody(t *testing.T) {
	s, err := front.Filter(graph.Schema(), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	h := serve(t, config.Dev, &graph.Resolver{})
	for field, query := range rootQueries(s) {
		t.Run(field, func(t *testing.T) {
			a, body := ask(t, h, "", query, nil)
			if len(a.Errors) == 0 || a.Errors[0].Extensions.Code != "SIGN_IN_REQUIRED" {
				t.Fatalf("%s\n%s", query, body)
			}
		})
	}
}

func TestALowLevelIsToldWhichItNeeds(t *testing.T) {
	h := serve(t, config.Dev, &graph.Resolver{})
	a, body := ask(t, h, "level-2", operation(t, "Preflight"), map[string]any{"item": "x", "region": "410000"})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "LEVEL_TOO_LOW" || a.Errors[0].Extensions.Detail["level_min"] != "3" {
		t.Fatal(body)
	}
}

func TestIntrospectionIsTheDevProfilesOnly(t *testing.T) {
	b, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	a, body := ask(t, serve(t, config.Dev, &graph.Resolver{}), "", string(b), nil)
	if len(a.Errors) != 0 || !strings.Contains(body, `"homeTiles"`) || strings.Contains(body, "signedIn") {
		t.Fatalf("%.600s", body)
	}
	a, body = ask(t, serve(t, config.Production, &graph.Resolver{}), "", string(b), nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "OPERATION_UNKNOWN" || a.Data != nil {
		t.Fatalf("%.600s", body)
	}
}

func TestAWrongAreaCodeIsNotRepeated(t *testing.T) {
	h := serve(t, config.Dev, &graph.Resolver{})
	a, body := ask(t, h, "level-3", operation(t, "Preflight"), map[string]any{"item": "x", "region": "11010519491231002X"})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "AREA_CODE_INVALID" || strings.Contains(body, "11010519491231002X") {
		t.Fatal(body)
	}
}

// What the mandate allows is asked again by the services; what it can't allow
// never reaches one: there is none here.
//
// demand: D34
func TestADelegateReachesNoFieldThatIsClosed(t *testing.T) {
	s, err := front.Filter(graph.Schema(), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	h, tagged, closed := serve(t, config.Dev, &graph.Resolver{}), graph.Schema(), 0
	for field, query := range rootQueries(s) {
		root := tagged.Query
		if strings.HasPrefix(query, "mutation") {
			root = tagged.Mutation
		}
		if root.Fields.ForName(field).Directives.ForName("signedIn").Arguments.ForName("acting") != nil {
			continue
		}
		closed++
		t.Run(field, func(t *testing.T) {
			a, body := ask(t, h, "delegate", query, nil)
			if len(a.Errors) == 0 || a.Errors[0].Extensions.Code != "ACTING_NOT_ALLOWED" {
				t.Fatalf("%s\n%s", query, body)
			}
		})
	}
	if closed < 15 {
		t.Fatalf("only %d fields are closed", closed)
	}
}

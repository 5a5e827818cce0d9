package verifier_test

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
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/province"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

var officer = ids.Officer{ID: "officer-1", Verifier: "hotel"}

// tokens knows one officer.
type tokens struct{ sendertest.Proofs }

func (*tokens) VerifyOfficer(by access.Presented) (ids.Officer, access.Shown, error) {
	if by.Token != "of-the-officer" {
		return ids.Officer{}, access.Shown{}, fault.New("test", fault.Unauthenticated, "TOKEN_INVALID")
	}
	return officer, access.Shown{}, nil
}

func (t *tokens) StandsOfficer(token string) error {
	_, _, err := t.VerifyOfficer(access.Presented{Token: token})
	return err
}

// checks answers one code.
type checks struct{}

func (checks) Check(_ context.Context, by ids.Officer, in licence.Checking) (licence.Told, error) {
	if by != officer || in.Code != "good" {
		return licence.Told{}, fault.New("test", fault.NotFound, "SHOW_CODE_INVALID")
	}
	outcome, known, age := licence.OutcomeUnknown, licence.Valid, int64(300)
	return licence.Told{
		ID: "chk_1", State: licence.CheckTold, Outcome: &outcome, Since: now.Add(-time.Minute), AsOf: now.Add(-5 * time.Minute), LastKnown: &known,
		Sources: []licence.CheckSource{{AgeSeconds: &age, SourceState: licence.SourceState{App: "cn.gov.demo.p31", Province: "310000", Name: "随申办(示例)",
			Freshness: province.Unavailable, AsOf: now.Add(-5 * time.Minute), Since: now.Add(-time.Minute), Reason: province.ReasonDown}}},
		Fields:   []licence.Disclosed{{Field: licence.FieldType, Label: "证照类型", Value: "居住证"}},
		Withheld: []licence.Field{licence.FieldIDNumber}, AnsweredAt: now, ResultUntil: now.Add(licence.ResultTTL),
	}, nil
}

func (checks) Result(context.Context, ids.Officer, ids.CheckID) (licence.Told, error) {
	return licence.Told{ID: "chk_2", State: licence.CheckWaiting, Sources: []licence.CheckSource{}, Fields: []licence.Disclosed{}, Withheld: []licence.Field{},
		AnsweredAt: now, WaitUntil: now.Add(licence.ApprovalTTL), ResultUntil: now.Add(licence.ResultTTL)}, nil
}

func (checks) MyVerifier(ids.Officer) (licence.Verifier, error) {
	return licence.Verifier{ID: "hotel", Name: "示例酒店", CreditCode: "91110108551385082Q", Place: "上海市",
		Purposes: []licence.Purpose{{Code: "check-in", Text: "住宿登记", Licences: []string{"居民身份证"}, Fields: []licence.Field{licence.FieldHolder}}}}, nil
}

func serve(t *testing.T, profile config.Profile) http.Handler {
	t.Helper()
	c := clock.At(now)
	h, err := verifier.New(verifier.Deps{Profile: profile, Resolver: &graph.Resolver{Checks: checks{}}, Tokens: &tokens{}, Limiter: limit.NewLocal(c),
		Burst: 10_000, Clock: c, IDs: ids.Random(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(t *testing.T, h http.Handler, token, query string, variables map[string]any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, verifier.Path, strings.NewReader(string(b)))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

func operation(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("operations", name+".graphql"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
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
	s, err := front.Filter(graph.Schema(), "VERIFIER")
	if err != nil {
		t.Fatal(err)
	}
	sdl := front.SDL(s)
	golden(t, "schema.golden.graphql", sdl)
	for _, never := range []string{"@front", "@officer", "homeTiles", "ledger(", "showLicence", "type Licence "} {
		if strings.Contains(sdl, never) {
			t.Errorf("verifiers are shown %s", never)
		}
	}
}

func TestWhatAVerifierIsTold(t *testing.T) {
	h := serve(t, config.Production)
	var all strings.Builder
	for _, body := range []string{
		ask(t, h, "of-the-officer", operation(t, "Check"), map[string]any{"input": map[string]any{"code": "good", "purpose": "check-in"}}),
		ask(t, h, "of-the-officer", operation(t, "CheckResult"), map[string]any{"id": "chk_2"}),
		ask(t, h, "of-the-officer", operation(t, "Verifier"), nil),
		ask(t, h, "of-the-officer", operation(t, "Check"), map[string]any{"input": map[string]any{"code": "bad", "purpose": "check-in"}}),
	} {
		e := json.NewEncoder(&all)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(json.RawMessage(body)); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	golden(t, "testdata/check.golden.json", all.String())
}

func TestNobodyButAnOfficerIsAnswered(t *testing.T) {
	h := serve(t, config.Dev)
	for name, variables := range map[string]map[string]any{
		"Check": {"input": map[string]any{"code": "good", "purpose": "check-in"}}, "CheckResult": {"id": "chk_2"}, "Verifier": nil,
	} {
		if body := ask(t, h, "", operation(t, name), variables); !strings.Contains(body, `"SIGN_IN_REQUIRED"`) || strings.Contains(body, "chk_") {
			t.Errorf("%s without a token: %s", name, body)
		}
		if body := ask(t, h, "of-somebody", operation(t, name), variables); !strings.Contains(body, `"TOKEN_INVALID"`) {
			t.Errorf("%s with a foreign token: %s", name, body)
		}
	}
}

func TestProductionRunsTrustedDocumentsOnly(t *testing.T) {
	if body := ask(t, serve(t, config.Production), "of-the-officer", "{ verifier { id } }", nil); !strings.Contains(body, `"OPERATION_UNKNOWN"`) {
		t.Fatal(body)
	}
}

func TestEveryOperationIsNamedAsItsFile(t *testing.T) {
	byName, err := verifier.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range byName {
		text := operation(t, name)
		if front.ID(text) != id || !strings.Contains(text, "query "+name) && !strings.Contains(text, "mutation "+name) && !strings.Contains(text, "subscription "+name) {
			t.Errorf("%s", name)
		}
	}
}

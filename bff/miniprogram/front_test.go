package miniprogram_test

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
	"github.com/tongban/tongban/bff/miniprogram"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/visit"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

var opened = ids.Visit{ID: "grant_1", App: "cn.gov.demo.p41", Name: "pairwise-1", Actor: ids.Actor{Subject: "sub_1"}, Scope: "openid profile", Level: 4}

// tokens knows one visit, and one that has ended.
type tokens struct{ sendertest.Proofs }

func (t *tokens) StandsVisit(ctx context.Context, token string) error {
	_, _, err := t.VerifyVisit(ctx, access.Presented{Token: token})
	return err
}

func (*tokens) VerifyVisit(_ context.Context, by access.Presented) (ids.Visit, access.Shown, error) {
	switch by.Token {
	case "of-the-visit":
		return opened, access.Shown{}, nil
	case "of-another-app":
		v := opened
		v.App, v.Name = "cn.gov.demo.p31", "pairwise-2"
		return v, access.Shown{}, nil
	case "of-another-person":
		v := opened
		v.Name = "pairwise-3"
		return v, access.Shown{}, nil
	case "ended":
		return ids.Visit{}, access.Shown{}, fault.New("test", fault.Unauthenticated, "LAUNCH_ENDED")
	}
	return ids.Visit{}, access.Shown{}, fault.New("test", fault.Unauthenticated, "TOKEN_INVALID")
}

// visits answers one visit.
type visits struct{ asked *[]string }

func (s visits) Person(_ context.Context, _ ids.Visit, asked []string) (visit.Person, error) {
	if s.asked != nil {
		*s.asked = asked
	}
	return visit.Person{ID: "pairwise-1", Level: 4, Regions: []ids.AreaCode{"410000"}, Name: "张示例", Withheld: []string{"phone_number"}}, nil
}

func aCase() casework.Case {
	return casework.Case{ID: "TB20260301X", Item: "medical-filing-elsewhere", ItemName: "异地就医登记备案和结算", Region: "410000", State: casework.Accepted,
		Receipt: "YB-1", CreatedAt: now.Add(-time.Hour), UpdatedAt: now, Events: []casework.Event{}}
}

func (visits) Cases(context.Context, ids.Visit, casework.Page) (casework.Cases, error) {
	return casework.Cases{Cases: []casework.Case{aCase()}}, nil
}

func (visits) Case(_ context.Context, _ ids.Visit, id ids.CaseID) (casework.Case, error) {
	if id != "TB20260301X" {
		return casework.Case{}, fault.New("test", fault.Private, "CASE_UNKNOWN")
	}
	c := aCase()
	c.Events = []casework.Event{{Seq: 1, State: casework.Accepted, At: now, Note: "已受理", ReceivedAt: now}}
	return c, nil
}

func (visits) Facts(_ context.Context, _ ids.Visit, claim string) (visit.Facts, error) {
	if claim != "licence_residence" {
		return visit.Facts{}, fault.New("test", fault.Forbidden, "CLAIM_NOT_GRANTED").With("claim", claim)
	}
	return visit.Facts{Claim: claim, Kind: "居住证", Complete: true, Facts: []visit.Fact{{TypeName: "居住证", Issuer: "示例", IssuedOn: "2024-01-01",
		ExpiresOn: "2027-01-01", Status: licence.Valid, AsOf: now, Freshness: province.Live}}}, nil
}

func (visits) Prefill(context.Context, ids.Visit, ids.ItemID, ids.AreaCode) (visit.Prefill, error) {
	name := "张示例"
	return visit.Prefill{Item: "medical-filing-elsewhere", Region: "410000", Fields: []visit.Field{
		{Name: "name", Label: "姓名", Kind: catalogue.TextField, Required: true, Claim: "name", Value: &name},
		{Name: "care_region", Label: "备案就医地", Kind: catalogue.RegionField, Required: true},
	}}, nil
}

func (visits) PlugIn(context.Context, ids.Visit) (miniapp.App, error) {
	return miniapp.App{ID: "cn.gov.demo.p41", Digest: strings.Repeat("ab", 32), StateAt: now, Manifest: &miniapp.Manifest{
		AppID: "cn.gov.demo.p41", Name: "豫事办（示例）", Version: miniapp.Version{Code: 1_764_000_000_000, Name: "1.0.0"}, Regions: []ids.AreaCode{"410000"},
		Operator: miniapp.Operator{Kind: miniapp.KindProvince, Name: "河南省(示例)", CreditCode: "11410000MY9902872F", FilingNumber: "示例备-41-001"},
		Services: []miniapp.Offer{{Item: "medical-filing-elsewhere", Title: "异地就医登记备案和结算", Mode: "全程网办"}},
		Token:    miniapp.Token{Scopes: []string{"openid", "profile"}, LevelMin: 3},
		DataUse:  []miniapp.DataUse{{What: "姓名", Claims: []string{"name"}, Purpose: "在本应用内称呼您", LegalBasis: "consent", RetentionDays: 1}},
		Messages: []miniapp.Message{{Kind: "appointment.made", Title: "预约成功，请按时前往。"}},
	}}, nil
}

func serve(t *testing.T, d miniprogram.Deps) http.Handler {
	t.Helper()
	c := clock.At(now)
	if d.Resolver == nil {
		d.Resolver = &graph.Resolver{Visits: visits{}}
	}
	if d.Burst == 0 {
		d.Burst = 100_000
	}
	d.Tokens, d.Limiter, d.Clock, d.IDs, d.Log = &tokens{}, limit.NewLocal(c), c, ids.Random(), slog.New(slog.DiscardHandler)
	h, err := miniprogram.New(d)
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
	r := httptest.NewRequest(http.MethodPost, miniprogram.Path, strings.NewReader(string(b)))
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

func TestTheContractWithTheTeams(t *testing.T) {
	s, err := front.Filter(graph.Schema(), "MINIPROGRAM")
	if err != nil {
		t.Fatal(err)
	}
	sdl := front.SDL(s)
	golden(t, "schema.golden.graphql", sdl)
	for _, never := range []string{"@front", "@visiting", "homeTiles", "ledger(", "showLicence", "type Licence ", "openMiniApp", "type Me ", "bankAccount", "number:"} {
		if strings.Contains(sdl, never) {
			t.Errorf("mini-apps are shown %s", never)
		}
	}
}

// questions are all trusted documents with what they need.
func questions() map[string]map[string]any {
	return map[string]map[string]any{
		"Visitor": nil, "VisitorContact": nil, "VisitHome": {"claim": "licence_residence"}, "VisitCases": nil, "VisitCase": {"id": "TB20260301X"}, "LicenceFacts": {"claim": "licence_residence"},
		"PrefilledForm": {"item": "medical-filing-elsewhere", "region": "410000"}, "PlugIn": nil,
		"TellVisitor": {"input": map[string]any{"kind": "appointment.made", "idempotencyKey": "1"}},
	}
}

func TestWhatAMiniAppIsTold(t *testing.T) {
	h := serve(t, miniprogram.Deps{Profile: config.Production})
	var all strings.Builder
	for _, q := range []struct {
		name      string
		variables map[string]any
	}{
		{"Visitor", nil}, {"VisitCases", nil}, {"VisitCase", questions()["VisitCase"]}, {"VisitCase", map[string]any{"id": "TB-of-another"}},
		{"LicenceFacts", questions()["LicenceFacts"]}, {"LicenceFacts", map[string]any{"claim": "licence_driving"}},
		{"PrefilledForm", questions()["PrefilledForm"]}, {"PlugIn", nil},
	} {
		e := json.NewEncoder(&all)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(json.RawMessage(ask(t, h, "of-the-visit", operation(t, q.name), q.variables))); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "testdata/visit.golden.json", all.String())
}

// What is not asked for is not handed over: the service is told the fields.
func TestTheServiceIsToldWhichFieldsAreAskedFor(t *testing.T) {
	for query, want := range map[string]string{
		"{ visitor { id name } }": "id name",
		"query($x: Boolean = false) { visitor { id ...P phoneNumber @include(if: $x) } } fragment P on Visitor { name ... on Visitor { regions } }": "id name regions",
		"{ visitor { level who: idNumber } }": "level idNumber",
	} {
		var asked []string
		h := serve(t, miniprogram.Deps{Profile: config.Dev, Resolver: &graph.Resolver{Visits: visits{&asked}}})
		if body := ask(t, h, "of-the-visit", query, nil); strings.Contains(body, "errors") || strings.Join(asked, " ") != want {
			t.Errorf("%s: %v %s", query, asked, body)
		}
	}
}

func TestNobodyButAMiniAppIsAnswered(t *testing.T) {
	h := serve(t, miniprogram.Deps{Profile: config.Production})
	for name, variables := range questions() {
		for token, want := range map[string]string{"": "LAUNCH_REQUIRED", "of-somebody": "TOKEN_INVALID", "ended": "LAUNCH_ENDED"} {
			if body := ask(t, h, token, operation(t, name), variables); !strings.Contains(body, `"`+want+`"`) || strings.Contains(body, "pairwise") {
				t.Errorf("%s with %q: %s", name, token, body)
			}
		}
	}
}

func TestProductionRunsTrustedDocumentsOnly(t *testing.T) {
	if body := ask(t, serve(t, miniprogram.Deps{Profile: config.Production}), "of-the-visit", "{ visitor { idNumber } }", nil); !strings.Contains(body, `"OPERATION_UNKNOWN"`) {
		t.Fatal(body)
	}
}

// A mini-app that asks too much about one person may still ask about others,
// and does not stop another mini-app.
func TestAskingTooMuchAboutOnePersonStopsThatAlone(t *testing.T) {
	h := serve(t, miniprogram.Deps{Profile: config.Production, Burst: 100})
	limited := func(token string) bool {
		return strings.Contains(ask(t, h, token, operation(t, "Visitor"), nil), `"RATE_LIMITED"`)
	}
	if limited("of-the-visit") || !limited("of-the-visit") {
		t.Error("a bucket of ten holds one question of seven")
	}
	if limited("of-another-person") || limited("of-another-app") {
		t.Error("another person's or app's bucket is shared")
	}
}

// No answer is for a browser of another origin: the token belongs to the back end.
func TestAPageOfAnotherOriginIsLetInByNoHeader(t *testing.T) {
	h := serve(t, miniprogram.Deps{Profile: config.Dev})
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		r := httptest.NewRequest(method, miniprogram.Path, strings.NewReader(`{"query":"{ __typename }"}`))
		r.Header.Set("Origin", "https://yushiban.example")
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("%s: %s", method, name)
			}
		}
	}
}

func TestEveryOperationIsNamedAsItsFileAndTried(t *testing.T) {
	byName, err := miniprogram.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range byName {
		text := operation(t, name)
		if _, tried := questions()[name]; !tried || front.ID(text) != id || !strings.Contains(text, "query "+name) && !strings.Contains(text, "mutation "+name) {
			t.Errorf("%s", name)
		}
	}
}

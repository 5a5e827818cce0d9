package elderly_test

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/elderly"
	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/graph/answer"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access"
	easy "github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/province"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// tokens knows one person, at level 4.
type tokens struct{ sendertest.Proofs }

func (t *tokens) StandsAccess(ctx context.Context, token, audience string) error {
	_, err := t.VerifyAccess(ctx, access.Presented{Token: token}, audience)
	return err
}

func (*tokens) MobileAudience() string { return "http://localhost/mobile" }

func (*tokens) VerifyAccess(_ context.Context, p access.Presented, audience string) (access.Verified, error) {
	if p.Token != "of-the-old" || audience != "http://localhost/mobile" {
		return access.Verified{}, fault.New("test", fault.Unauthenticated, "TOKEN_INVALID")
	}
	return access.Verified{Actor: ids.Actor{Subject: "sub_1"}, Session: "ses_1", Client: access.MobileClient, Level: 4}, nil
}

// profile answers one entry, one screen, and fails to do anything.
type profile struct{ seen *easy.Doing }

func (profile) Home(_ context.Context, p easy.Person) (easy.Home, error) {
	if p.Actor.Subject != "sub_1" || p.Level != 4 {
		return easy.Home{}, fault.New("test", fault.Internal, "")
	}
	live := province.Live
	return easy.Home{Greeting: "下午好", ReadAloud: "下午好。", Entries: []easy.Entry{
		{Kind: easy.Payment, Title: "社保缴费", Status: "要缴400元", Freshness: &live, FreshnessWords: "刚刚查的", AsOf: now, ReadAloud: "社保缴费。要缴四百元。",
			Tap: easy.Button{Title: "点一下", ReadAloud: "点一下。", Act: easy.ToStep, Matter: easy.Payment, Said: []easy.Said{}}},
		{Kind: easy.Help, Title: "找人帮忙", Status: "有人帮您", ReadAloud: "找人帮忙。", Tap: easy.Button{Title: "点一下", Act: easy.ToStep, Matter: easy.Help, Said: []easy.Said{}}},
	}}, nil
}

func (profile) Step(_ context.Context, _ easy.Person, kind easy.Kind, said []easy.Said) (easy.Screen, error) {
	return easy.Screen{Matter: kind, Kind: easy.Choose, Step: "department", Title: "看什么科?", Lines: []string{}, ReadAloud: "看什么科?",
		Buttons: []easy.Button{{Title: "内科", ReadAloud: "内科。", Act: easy.ToStep, Matter: kind, Said: said}},
		Plan:    []easy.Planned{{Name: "open", Title: "点预约挂号", State: easy.Taken}, {Name: "card", Title: "社保卡", State: easy.FoundByData}, {Name: "department", Title: "选看什么", State: easy.Now}}}, nil
}

func (p profile) Do(_ context.Context, _ easy.Person, d easy.Doing) (easy.Screen, error) {
	*p.seen = d
	return easy.Screen{}, fault.New("test", fault.Conflict, "MATERIAL_MISSING").With("materials", "社会保障卡")
}

func (profile) Helpers(context.Context, easy.Person) ([]easy.Helper, error) {
	return []easy.Helper{{ID: "man_1", Title: "示例可以替您办事", Lines: []string{}}}, nil
}

func (p profile) EndHelper(ctx context.Context, who easy.Person, id ids.MandateID) ([]easy.Helper, error) {
	if id != "man_1" {
		return nil, fault.New("test", fault.Private, "MANDATE_NOT_FOUND")
	}
	return []easy.Helper{}, nil
}

func serve(t *testing.T, p config.Profile, seen *easy.Doing) http.Handler {
	t.Helper()
	c := clock.At(now)
	h, err := elderly.New(elderly.Deps{Profile: p, Resolver: &graph.Resolver{Elderly: profile{seen}}, Tokens: &tokens{}, Limiter: limit.NewLocal(c),
		Burst: 10_000, Clock: c, IDs: ids.Random(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(t *testing.T, h http.Handler, token string, request map[string]any) string {
	t.Helper()
	b, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, elderly.Path, strings.NewReader(string(b)))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// trusted asks for a trusted document, as an app does.
func trusted(t *testing.T, h http.Handler, token, name string, variables map[string]any) string {
	t.Helper()
	byName, err := elderly.Operations()
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, h, token, map[string]any{"variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": byName[name]}}})
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
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

func indented(t *testing.T, body string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func TestTheContractWithTheClients(t *testing.T) {
	s, err := front.Filter(graph.Schema(), "ELDERLY")
	if err != nil {
		t.Fatal(err)
	}
	sdl := front.SDL(s)
	golden(t, "schema.golden.graphql", sdl)
	for _, never := range []string{"@front", "@signedIn", "homeTiles", "openMiniApp", "submitMatter"} {
		if strings.Contains(sdl, never) {
			t.Errorf("this front shows %s", never)
		}
	}
}

// demand: D43
func TestTheHomeScreenAsAClientSeesIt(t *testing.T) {
	for _, p := range []config.Profile{config.Dev, config.Production} {
		golden(t, "testdata/home.golden.json", indented(t, trusted(t, serve(t, p, nil), "of-the-old", "EasyHome", nil)))
	}
}

func TestAScreenAsAClientSeesIt(t *testing.T) {
	said := []any{map[string]any{"name": "hospital", "value": "示例医院"}}
	body := trusted(t, serve(t, config.Production, nil), "of-the-old", "EasyStep", map[string]any{"matter": "APPOINTMENT", "said": said})
	golden(t, "testdata/step.golden.json", indented(t, body))
}

func TestARefusalIsToldInPlainWords(t *testing.T) {
	var seen easy.Doing
	h := serve(t, config.Production, &seen)
	input := map[string]any{"matter": "FILING", "said": []any{map[string]any{"name": "region", "value": "410000"}}, "version": "v1", "idempotencyKey": "k1"}
	body := trusted(t, h, "of-the-old", "EasyDo", map[string]any{"input": input})
	golden(t, "testdata/refusal.golden.json", indented(t, body))
	if seen.Kind != easy.Filing || seen.Version != "v1" || seen.IdempotencyKey != "k1" || len(seen.Said) != 1 || seen.Said[0].Value != "410000" {
		t.Errorf("the service was told %+v", seen)
	}
	for _, name := range []string{"EasyHome", "EasyStep", "EasyDo"} {
		body := trusted(t, h, "", name, map[string]any{"matter": "HELP", "input": input})
		if !strings.Contains(body, `"SIGN_IN_REQUIRED"`) || !strings.Contains(body, `"请先登录。"`) {
			t.Errorf("%s for nobody: %s", name, body)
		}
	}
	if body := ask(t, h, "of-the-old", map[string]any{"query": "{ easyHome { greeting } }"}); !strings.Contains(body, "OPERATION_UNKNOWN") {
		t.Errorf("a document that nobody trusts ran: %s", body)
	}
}

var latin = regexp.MustCompile(`[A-Za-z0-9]`)

// Whatever can go wrong has short words here, without a code in them.
func TestEveryCodeHasPlainWords(t *testing.T) {
	common, err := answer.Load()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("words.json")
	if err != nil {
		t.Fatal(err)
	}
	words, err := common.Plainer(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range common.Codes() {
		zh := words.Of(code, "").ZH
		if n := len([]rune(zh)); zh == "" || n > 20 || latin.MatchString(zh) {
			t.Errorf("%s: %q, %d characters", code, zh, n)
		}
	}
}

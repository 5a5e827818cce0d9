package journey_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/province"
)

// manner is how an answer is come by.
type manner string

const (
	asItComes manner = ""         // kept or made
	plainly   manner = "no-cache" // by the executor
)

// said is an answer's status and body: nothing else of it may differ.
func (st *stage) said(p *journey.Phone, language, operation string, variables map[string]any, how manner) string {
	st.t.Helper()
	body, err := json.Marshal(map[string]any{"variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.Operations[operation]}}})
	must(st.t, err)
	req, err := http.NewRequestWithContext(st.t.Context(), http.MethodPost, p.Front, bytes.NewReader(body))
	must(st.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", language)
	if p.Tokens.AccessToken != "" {
		must(st.t, p.Prove(req))
	}
	if how != asItComes {
		req.Header.Set("Cache-Control", string(how))
	}
	res, err := http.DefaultClient.Do(req)
	must(st.t, err)
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	must(st.t, err)
	return res.Status + "\n" + ordered(st.t, got)
}

// ordered puts an answer's errors in an order: root fields run beside each
// other, and whichever fails first is told first. Nothing else is touched.
func ordered(t testing.TB, body []byte) string {
	t.Helper()
	var a struct {
		Errors []json.RawMessage
		Data   json.RawMessage
	}
	must(t, json.Unmarshal(body, &a))
	if len(a.Errors) < 2 {
		return string(body)
	}
	slices.SortFunc(a.Errors, func(x, y json.RawMessage) int { return bytes.Compare(x, y) })
	out := string(a.Data)
	for _, one := range a.Errors {
		out += "\n" + string(one)
	}
	return out
}

// queries gives the app's trusted documents that change nothing.
func queries(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../bff/mobile/operations/*.graphql")
	must(t, err)
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		if !strings.Contains(string(text), "mutation ") && !strings.Contains(string(text), "subscription ") {
			names = append(names, strings.TrimSuffix(filepath.Base(file), ".graphql"))
		}
	}
	return names
}

// same compares every trusted document both ways. Where something moved
// between two plain answers (a refresh behind a kept value), it looks again.
func (st *stage) same(when string, p *journey.Phone, variables map[string]any) {
	st.t.Helper()
	for _, language := range []string{"zh-CN", "en"} {
		for _, name := range queries(st.t) {
			ask := func(how manner) string { return st.said(p, language, name, variables, how) }
			ask(asItComes)
			for try := 0; ; try++ {
				before, kept, again, after := ask(plainly), ask(asItComes), ask(asItComes), ask(plainly)
				if before != after && try < 200 {
					continue
				}
				if kept != before || again != before {
					st.t.Errorf("%s, %s, %s:\nplain %.600s\nkept  %.600s\nagain %.600s", when, name, language, before, kept, again)
				}
				break
			}
		}
	}
}

// demand: D39
func TestAKeptAnswerIsWhatTheExecutorWouldSay(t *testing.T) {
	t.Parallel()
	st := start(t, setting{rate: 1_000_000}) // each document many times, on a clock that refills nothing
	p, other, nobody := st.phone(roamer), st.phone(spouse), st.stranger()
	app := st.province(henan).AppID()
	variables := map[string]any{"id": app, "item": filing, "region": henan}

	st.same("at first", p, variables)
	st.same("another person", other, variables)
	st.same("nobody", nobody, variables)
	if st.said(p, "zh-CN", "Home", nil, asItComes) == st.said(other, "zh-CN", "Home", nil, asItComes) {
		t.Fatal("two persons have one home")
	}

	c := st.filed(p, "k1")
	st.same("a case handed in", p, map[string]any{"id": c.ID, "item": filing, "region": henan})
	if home := st.said(p, "zh-CN", "Home", nil, asItComes); !strings.Contains(home, c.ID) {
		t.Fatalf("the home does not know the new case: %s", home)
	}
	st.moved(c.ID, "RECEIVED", "ACCEPTED")
	st.same("a case moved", p, variables)
	if home := st.said(p, "zh-CN", "Home", nil, asItComes); !strings.Contains(home, `"unread":2`) || !strings.Contains(home, "ACCEPTED") {
		t.Fatalf("the home does not know of the moves: %s", home)
	}
	_, _, err := p.OpenMiniApp(t.Context(), app)
	must(t, err)
	st.same("a consent given", p, variables)

	st.later(61*time.Second, p, other)
	st.same("lists grown old", p, variables)
	must(t, st.province(shanghai).Kill())
	st.later(6*time.Minute, p, other)
	st.same("a province down", p, variables)
	st.same("a province down, another person", other, variables)
	must(t, st.province(shanghai).Restart())
	st.later(10*time.Second, p, other)
	st.same("a province back", p, variables)
	must(t, st.province(henan).SetFault(province.Fault{Mode: province.ModeWrongPerson}))
	st.later(6*time.Minute, p, other)
	st.same("a province lying", p, variables)

	must(t, p.SignOut(t.Context()))
	st.same("signed out", p, variables)
	if said := st.said(p, "zh-CN", "Home", nil, asItComes); !strings.Contains(said, "SESSION_ENDED") {
		t.Fatalf("who signed out is answered: %s", said)
	}
}

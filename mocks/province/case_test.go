package province_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/mocks/province"
)

// control does one call of the control port.
func control(t *testing.T, p *province.Province, method, path string, body, into any) int {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.ControlURL()+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %s", method, path, answer)
		}
	}
	return res.StatusCode
}

func TestTenParallelSubmissionsHaveOneEffect(t *testing.T) {
	for _, area := range []string{"310000", "410000"} {
		w := newWorld(t, nil, area)
		p, zhang := w.province(area), w.person("zhang")
		w.ask(p, "licence.list", zhang, nil, "") // the keys are fetched
		receipts := make([]string, 10)
		var all sync.WaitGroup
		for i := range receipts {
			all.Go(func() {
				shape, _, _ := w.ask(p, "case.submit", zhang, w.submission(p, "TB-1"), "TB-1")
				receipts[i], _ = shape["receipt"].(string)
			})
		}
		all.Wait()
		for _, r := range receipts {
			if r == "" || r != receipts[0] {
				t.Errorf("%s: receipts differ: %v", area, receipts)
			}
		}
		counts := p.Counts()
		if counts.Cases != 1 || counts.Duplicates != 9 || counts.Requests["case.submit"]["duplicate"] != 9 {
			t.Errorf("%s: %+v", area, counts)
		}
	}
}

func TestSubmissionIsChecked(t *testing.T) {
	w := newWorld(t, nil, "410000")
	p, zhang := w.province("410000"), w.person("zhang")
	submit := func(change func(map[string]any), who, key string) string {
		s := w.submission(p, "TB-1")
		if change != nil {
			change(s)
		}
		person := w.person(who)
		_, _, code := w.ask(p, "case.submit", person, s, key)
		return code
	}
	for name, code := range map[string]string{
		"without a key":        submit(nil, "zhang", ""),
		"with another key":     submit(nil, "zhang", "TB-2"),
		"for another province": submit(func(s map[string]any) { s["region"] = "310000" }, "zhang", "TB-1"),
		"of no item":           submit(func(s map[string]any) { s["item"] = "" }, "zhang", "TB-1"),
		"of no number":         submit(func(s map[string]any) { s["case"] = "../x" }, "zhang", "../x"),
		"from nowhere":         submit(func(s map[string]any) { s["receiving_region"] = "x" }, "zhang", "TB-1"),
	} {
		if code != "400" {
			t.Errorf("a submission %s gives %q", name, code)
		}
	}
	stolen := zhang
	stolen.Name = "王演示"
	if _, _, code := w.ask(p, "case.submit", stolen, w.submission(p, "TB-1"), "TB-1"); code != "400" {
		t.Errorf("a submission under another's name gives %q", code)
	}
	if p.Counts().Cases != 0 {
		t.Error("a refused submission had an effect")
	}
	if code := submit(nil, "zhang", "TB-1"); code != "" {
		t.Errorf("a right submission gives %q", code)
	}
	if code := submit(nil, "wang", "TB-1"); code != "409" {
		t.Errorf("a number used again by another person gives %q", code)
	}
}

func TestStrangerBecomesKnownBySubmitting(t *testing.T) {
	w := newWorld(t, nil, "540000")
	p, zhang := w.province("540000"), w.person("zhang")
	if _, _, code := w.ask(p, "case.list", zhang, nil, ""); code != "404" {
		t.Errorf("before: %q", code)
	}
	w.ask(p, "case.submit", zhang, w.submission(p, "TB-1"), "TB-1")
	shape, _, code := w.ask(p, "case.list", zhang, nil, "")
	if list, _ := shape["cases"].([]any); code != "" || len(list) != 1 {
		t.Errorf("after: %q, %v", code, shape)
	}
}

// moved gives the parts of an event that matter.
func moved(t *testing.T, claims map[string]any) (number string, seq int, state string) {
	t.Helper()
	events, _ := claims["events"].(map[string]any)
	m, ok := events["urn:tongban:event:case-moved"].(map[string]any)
	if !ok {
		t.Fatalf("no such event in %v", events)
	}
	return m["case"].(string), int(m["seq"].(float64)), m["state"].(string)
}

func TestCaseMovesByItselfAndTellsEachStepInOrder(t *testing.T) {
	w := newWorld(t, func(c *province.Config) {
		c.AutoAdvance = province.Delays{Received: time.Second, Accepted: time.Second, Done: time.Second}
	}, "410000")
	p, zhang := w.province("410000"), w.person("zhang")
	before, _, _ := w.ask(p, "licence.list", zhang, nil, "")
	w.ask(p, "case.submit", zhang, w.submission(p, "TB-1"), "TB-1")
	for i, claims := range w.product.await(3) {
		number, seq, state := moved(t, claims)
		if number != "TB-1" || seq != i+1 || state != []string{"RECEIVED", "ACCEPTED", "DONE"}[i] {
			t.Errorf("event %d is seq %d, %s", i, seq, state)
		}
	}
	after, _, _ := w.ask(p, "licence.list", zhang, nil, "")
	was, is := before["licences"].([]any), after["licences"].([]any)
	last := is[len(is)-1].(map[string]any)
	if len(is) != len(was)+1 || last["type_name"] != "无犯罪记录证明" || last["issued_on"] != "2026-11-22" {
		t.Error("the result is not in the holder's list")
	}
}

func TestEventIsRepeatedUntilAcknowledged(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	w.product.answer = func(n int) (int, string) {
		return []int{http.StatusNotFound, http.StatusServiceUnavailable, http.StatusAccepted}[min(n, 3)-1], ""
	}
	w.ask(p, "case.submit", w.person("zhang"), w.submission(p, "TB-1"), "TB-1")
	if status := control(t, p, http.MethodPost, "/cases/TB-1/advance", map[string]string{"state": "RECEIVED"}, nil); status != http.StatusOK {
		t.Fatalf("advance: %d", status)
	}
	if status := control(t, p, http.MethodPost, "/cases/TB-1/advance", map[string]string{"state": "ACCEPTED"}, nil); status != http.StatusOK {
		t.Fatalf("advance: %d", status)
	}
	events := w.product.await(4)
	var seqs []int
	for _, claims := range events {
		_, seq, _ := moved(t, claims)
		seqs = append(seqs, seq)
	}
	if seqs[0] != 1 || seqs[1] != 1 || seqs[2] != 1 || seqs[3] != 2 {
		t.Errorf("numbers %v", seqs)
	}
	if events[0]["jti"] != events[2]["jti"] || events[2]["jti"] == events[3]["jti"] {
		t.Error("a repetition is not the same event")
	}
}

func TestRefusedEventIsNotRepeated(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	w.product.answer = func(n int) (int, string) {
		if n == 1 {
			return http.StatusBadRequest, `{"err":"invalid_request","description":"X"}`
		}
		return http.StatusAccepted, ""
	}
	w.ask(p, "case.submit", w.person("zhang"), w.submission(p, "TB-1"), "TB-1")
	for _, state := range []string{"RECEIVED", "ACCEPTED"} {
		if err := p.Advance("TB-1", province.Move{State: state}); err != nil {
			t.Fatal(err)
		}
	}
	_, first, _ := moved(t, w.product.await(1)[0])
	_, second, _ := moved(t, w.product.await(1)[1])
	if first != 1 || second != 2 {
		t.Errorf("numbers %d, %d", first, second)
	}
}

func TestCaseMovesOnlyAsCasesMay(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	w.ask(p, "case.submit", w.person("zhang"), w.submission(p, "TB-1"), "TB-1")
	move := func(state, point string) int {
		return control(t, p, http.MethodPost, "/cases/TB-1/advance", map[string]string{"state": state, "review_point": point}, nil)
	}
	for _, step := range []struct {
		state, point string
		want         int
	}{
		{"DONE", "", http.StatusConflict},
		{"REFUSED", "", http.StatusConflict},
		{"RECEIVED", "", http.StatusOK},
		{"CORRECTION", "", http.StatusConflict},
		{"CORRECTION", "RP-1", http.StatusOK},
		{"ACCEPTED", "", http.StatusOK},
		{"DONE", "", http.StatusOK},
		{"REFUSED", "RP-1", http.StatusConflict},
	} {
		if got := move(step.state, step.point); got != step.want {
			t.Errorf("to %s: %d, want %d", step.state, got, step.want)
		}
	}
	if got := control(t, p, http.MethodPost, "/cases/TB-9/advance", map[string]string{"state": "RECEIVED"}, nil); got != http.StatusNotFound {
		t.Errorf("a case that is not: %d", got)
	}
	if got := control(t, p, http.MethodPost, "/cases/TB-1/advance", map[string]string{"stat": "DONE"}, nil); got != http.StatusBadRequest {
		t.Errorf("a misspelt call: %d", got)
	}
	w.product.await(4)
}

func TestEventIsSignedByTheKeyOfTheManifestUnlessToldOtherwise(t *testing.T) {
	w := newWorld(t, nil, "310000")
	p := w.province("310000")
	var m struct {
		Token struct {
			JWKS struct {
				Keys []struct{ Kid, X, Y string } `json:"keys"`
			} `json:"jwks"`
		} `json:"gov_token"`
	}
	if err := json.Unmarshal(p.Manifest(), &m); err != nil {
		t.Fatal(err)
	}
	k := m.Token.JWKS.Keys[0]
	x, _ := base64.RawURLEncoding.DecodeString(k.X)
	y, _ := base64.RawURLEncoding.DecodeString(k.Y)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		t.Fatal(err)
	}
	valid := func(raw any) bool {
		token, err := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(p.AppID()), jwt.WithAudience(w.product.url), jwt.WithTimeFunc(w.clock)).
			Parse(raw.(string), func(*jwt.Token) (any, error) { return public, nil })
		return err == nil && token.Header["typ"] == "secevent+jwt" && token.Header["kid"] == k.Kid
	}
	sends := []map[string]any{
		{"case": "TB-1", "seq": 7, "state": "DONE", "jti": "j1"},
		{"case": "TB-1", "seq": 7, "state": "DONE", "jti": "j1"},
		{"case": "TB-1", "seq": 8, "state": "DONE", "key": "other"},
		{"case": "TB-1", "seq": 8, "state": "DONE", "iss": "cn.gov.demo.p41"},
		{"case": "TB-1", "seq": 8, "state": "DONE", "aud": "http://127.0.0.1:1"},
		{"case": "TB-1", "seq": 8, "state": "DONE", "typ": "JWT"},
	}
	for i, s := range sends {
		var answer province.Answered
		if status := control(t, p, http.MethodPost, "/events/send", s, &answer); status != http.StatusOK || answer.Status != http.StatusAccepted {
			t.Fatalf("send %d: %d, %+v", i, status, answer)
		}
		events := w.product.await(1)
		if got := valid(events[i]["raw"]); got != (i < 2) {
			t.Errorf("send %d is valid: %v", i, got)
		}
	}
	if events := w.product.events; events[0]["jti"] != "j1" || events[1]["jti"] != "j1" || events[2]["jti"] == "j1" {
		t.Error("an event can't be sent twice")
	}
}

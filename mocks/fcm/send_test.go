package fcm_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"github.com/tongban/tongban/mocks/fcm"
)

func TestAStockClientDelivers(t *testing.T) {
	s := start(t, fcm.Config{Now: func() time.Time { return morning }})
	c := stock(t, s)
	m := to("phone-1")
	m.Notification = &messaging.Notification{Title: "您有一条新消息"}
	m.Android = &messaging.AndroidConfig{Priority: "high"}
	first, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if first == second || !strings.HasPrefix(first, "projects/demo/messages/") {
		t.Errorf("names %q, %q", first, second)
	}
	h := s.History()
	if len(h) != 2 || !h[0].Delivered() || h[0].Name != first || h[0].Token != "phone-1" || !h[0].At.Equal(morning) {
		t.Errorf("history %+v", h)
	}
}

func TestHistoryKeepsWhatWasSentButNoCredential(t *testing.T) {
	s := start(t, fcm.Config{Bearer: "word"})
	c := stock(t, s, option.WithHTTPClient(&http.Client{Transport: bearer("word")}))
	if _, err := c.Send(t.Context(), to("phone-1")); err != nil {
		t.Fatal(err)
	}
	m := s.History()[0]
	if !strings.Contains(m.Body, `"notice":"n-1"`) || m.Headers.Get("Content-Type") != "application/json" {
		t.Errorf("kept %q, %v", m.Body, m.Headers)
	}
	if got := m.Headers.Get("Authorization"); strings.Contains(got, "word") || !strings.HasPrefix(got, "Bearer ") {
		t.Errorf("kept Authorization %q", got)
	}
}

func TestRefusesWhoCarriesAnotherCredential(t *testing.T) {
	s := start(t, fcm.Config{Bearer: "word"})
	for _, opt := range []option.ClientOption{option.WithoutAuthentication(), option.WithHTTPClient(&http.Client{Transport: bearer("guess")})} {
		if _, err := stock(t, s, opt).Send(t.Context(), to("phone-1")); err == nil || s.Counts().Outcomes["ok"] != 0 {
			t.Errorf("it was delivered: %v", err)
		}
	}
	if n := s.Counts().Outcomes["unauthenticated"]; n != 2 {
		t.Errorf("%d refusals", n)
	}
}

func TestAStockClientKnowsEachRefusal(t *testing.T) {
	s := start(t, fcm.Config{})
	c := stock(t, s)
	for token, is := range map[string]func(error) bool{
		"gone-1":   messaging.IsUnregistered,
		"quota-1":  messaging.IsQuotaExceeded,
		"sender-1": messaging.IsSenderIDMismatch,
	} {
		if _, err := c.Send(t.Context(), to(token)); !is(err) {
			t.Errorf("%s: %v", token, err)
		}
	}
	if _, err := c.Send(t.Context(), to("going-1")); err != nil {
		t.Errorf("a token that only resembles a prefix: %v", err)
	}
}

func TestDownIsKnownOnceTheClientGivesUp(t *testing.T) {
	s := start(t, fcm.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	// The client waits out Retry-After by itself, and here has no time to.
	if _, err := stock(t, s).Send(ctx, to("down-1")); err == nil {
		t.Fatal("it was delivered")
	}
	if n := s.Counts().Outcomes["down"]; n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestAStateMayLastForSomeCalls(t *testing.T) {
	s := start(t, fcm.Config{})
	if err := s.SetToken("phone-1", fcm.TokenState{State: fcm.Down, Times: 1}); err != nil {
		t.Fatal(err)
	}
	// Without Retry-After the client tries again at once.
	if _, err := stock(t, s).Send(t.Context(), to("phone-1")); err != nil {
		t.Fatal(err)
	}
	h := s.History()
	if len(h) != 2 || h[0].Status != 503 || h[1].Status != 200 {
		t.Errorf("history %+v", h)
	}
}

func TestRetryAfterIsAsItWasSet(t *testing.T) {
	s := start(t, fcm.Config{})
	for token, st := range map[string]fcm.TokenState{
		"a": {State: fcm.Quota, RetryAfter: 10},
		"b": {State: fcm.Quota},
		"c": {State: fcm.Gone, RetryAfter: 10},
	} {
		if err := s.SetToken(token, st); err != nil {
			t.Fatal(err)
		}
	}
	for token, want := range map[string]string{"a": "10", "b": "", "c": "", "down-1": "1"} {
		if _, got, _ := post(t, s, `{"message":{"token":"`+token+`"}}`); got != want {
			t.Errorf("%s: Retry-After %q, want %q", token, got, want)
		}
	}
}

func TestErrorHasTheRealShape(t *testing.T) {
	s := start(t, fcm.Config{})
	status, _, body := post(t, s, `{"message":{"token":"gone-1"}}`)
	want := `{"error":{"code":404,"details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError",` +
		`"errorCode":"UNREGISTERED"}],"message":"Requested entity was not found.","status":"NOT_FOUND"}}`
	if status != 404 || strings.TrimSpace(body) != want {
		t.Errorf("%d %s", status, body)
	}
}

func TestRefusesWhatTheRealOneRefuses(t *testing.T) {
	s := start(t, fcm.Config{})
	for name, body := range map[string]string{
		"no JSON":        `{"message":`,
		"no recipient":   `{"message":{}}`,
		"a number":       `{"message":{"token":"t","data":{"n":1}}}`,
		"unknown member": `{"message":{"token":"t","titel":"x"}}`,
		"reserved key":   `{"message":{"token":"t","data":{"google.x":"1"}}}`,
		"too much":       `{"message":{"token":"t","data":{"k":"` + strings.Repeat("x", fcm.MaxPayload) + `"}}}`,
		"a topic":        `{"message":{"token":"t","topic":"all"}}`,
		"a condition":    `{"message":{"token":"t","condition":"x"}}`,
	} {
		if status, _, answer := post(t, s, body); status != 400 || !strings.Contains(answer, `"INVALID_ARGUMENT"`) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if n := s.Counts().Outcomes["invalid_argument"]; n != 8 {
		t.Errorf("%d refusals kept", n)
	}
}

func TestDryRunReachesNobody(t *testing.T) {
	s := start(t, fcm.Config{})
	if _, err := stock(t, s).SendDryRun(t.Context(), to("phone-1")); err != nil {
		t.Fatal(err)
	}
	if m := s.History()[0]; m.Delivered() {
		t.Errorf("delivered: %+v", m)
	}
}

func TestMulticastIsOneCallEach(t *testing.T) {
	s := start(t, fcm.Config{})
	res, err := stock(t, s).SendEachForMulticast(t.Context(), &messaging.MulticastMessage{
		Tokens: []string{"phone-1", "gone-1", "phone-2"}, Data: map[string]string{"notice": "n-1"}})
	if err != nil {
		t.Fatal(err)
	}
	if res.SuccessCount != 2 || !messaging.IsUnregistered(res.Responses[1].Error) {
		t.Errorf("%+v", res)
	}
	if c := s.Counts(); c.Sends != 3 || c.Outcomes["ok"] != 2 || c.Outcomes["gone"] != 1 {
		t.Errorf("counts %+v", c)
	}
}

func TestControlPortMovesTokensAndShowsHistory(t *testing.T) {
	s := start(t, fcm.Config{})
	c := stock(t, s)
	if status, text := control(t, s, http.MethodPut, "/tokens/phone-1", `{"state":"gone"}`); status != 204 {
		t.Fatalf("%d %s", status, text)
	}
	if _, err := c.Send(t.Context(), to("phone-1")); !messaging.IsUnregistered(err) {
		t.Fatalf("%v", err)
	}
	if _, err := c.Send(t.Context(), to("phone-2")); err != nil {
		t.Fatal(err)
	}
	var h []fcm.Message
	_, text := control(t, s, http.MethodGet, "/history?token=phone-1", "")
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	if len(h) != 1 || h[0].Outcome != "gone" {
		t.Errorf("history %s", text)
	}
	control(t, s, http.MethodDelete, "/history", "")
	if _, text := control(t, s, http.MethodGet, "/counts", ""); !strings.Contains(text, `"sends":0`) {
		t.Errorf("counts %s", text)
	}
}

func TestControlRefusesWhatItDoesNotKnow(t *testing.T) {
	s := start(t, fcm.Config{})
	for _, try := range [][3]string{
		{http.MethodPut, "/tokens/t", `{"state":"asleep"}`},
		{http.MethodPut, "/tokens/t", `{}`},
		{http.MethodPut, "/tokens/t", `{"state":"down","times":-1}`},
		{http.MethodPost, "/faults", `{"mode":"gone"}`},
		{http.MethodPost, "/faults", `{"latency_ms":-1}`},
	} {
		if status, _ := control(t, s, try[0], try[1], try[2]); status != 400 {
			t.Errorf("%v: %d", try, status)
		}
	}
}

func TestFaultBefallsEveryTokenUntilMended(t *testing.T) {
	s := start(t, fcm.Config{})
	body := `{"message":{"token":"phone-1"}}`
	control(t, s, http.MethodPost, "/faults", `{"mode":"quota"}`)
	if status, after, _ := post(t, s, body); status != 429 || after != "1" {
		t.Errorf("%d, Retry-After %q", status, after)
	}
	control(t, s, http.MethodDelete, "/faults", "")
	if status, _, _ := post(t, s, body); status != 200 {
		t.Errorf("%d after the fault was taken back", status)
	}
}

func TestSilenceAnswersNothing(t *testing.T) {
	s := start(t, fcm.Config{})
	if err := s.SetFault(fcm.Fault{Mode: fcm.Silence}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := stock(t, s).Send(ctx, to("phone-1")); ctx.Err() == nil {
		t.Fatalf("it answered: %v", err)
	}
	if n := s.Counts().Outcomes["silence"]; n != 1 {
		t.Errorf("%d calls kept", n)
	}
}

package eventhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/dialout"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/eventhttp"
)

const app = "cn.gov.test.p41"

func receiver(t *testing.T, answer http.HandlerFunc) (*eventhttp.Sender, string) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	s := eventhttp.New(eventhttp.Config{Reach: dialout.WithLoopback})
	t.Cleanup(s.Close)
	return s, server.URL
}

// wait is how long the receiver wants to be left alone.
func wait(err error) time.Duration {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Retry
	}
	return 0
}

func TestAnEventIsPostedAsRFC8935Says(t *testing.T) {
	var got *http.Request
	var body string
	s, to := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, body = r, string(raw)
		w.WriteHeader(http.StatusAccepted)
	})
	if err := s.Push(t.Context(), app, to+"/events", "a.b.c"); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/events" || body != "a.b.c" ||
		got.Header.Get("Content-Type") != "application/secevent+jwt" || got.Header.Get("Accept") != "application/json" {
		t.Errorf("%s %s %v %q", got.Method, got.URL, got.Header, body)
	}
}

func TestAnAnswerIsReadByTheTable(t *testing.T) {
	json := func(err string) string { return `{"err":"` + err + `","description":"x"}` }
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		code   string
		wait   time.Duration
	}{
		"can't be read":         {400, json("invalid_request"), fault.Invalid, "EVENT_REFUSED", 0},
		"key":                   {400, json("invalid_key"), fault.Invalid, "EVENT_SENDER_REFUSED", 0},
		"issuer":                {400, json("invalid_issuer"), fault.Invalid, "EVENT_SENDER_REFUSED", 0},
		"audience":              {400, json("invalid_audience"), fault.Invalid, "EVENT_SENDER_REFUSED", 0},
		"authentication":        {400, json("authentication_failed"), fault.Invalid, "EVENT_SENDER_REFUSED", 0},
		"access":                {400, json("access_denied"), fault.Invalid, "EVENT_SENDER_REFUSED", 0},
		"an unknown code":       {400, json("full_moon"), fault.Unavailable, "EVENT_NOT_TAKEN", 0},
		"no code":               {400, "<html>", fault.Unavailable, "EVENT_NOT_TAKEN", 0},
		"a code without a 400":  {403, json("access_denied"), fault.Unavailable, "EVENT_NOT_TAKEN", 0},
		"down":                  {500, "", fault.Unavailable, "EVENT_NOT_TAKEN", 0},
		"asks to wait":          {503, "", fault.Unavailable, "EVENT_NOT_TAKEN", 7 * time.Second},
		"ok, which says little": {200, "", fault.Unavailable, "EVENT_NOT_TAKEN", 0},
		"elsewhere":             {307, "", fault.Unavailable, "EVENT_NOT_TAKEN", 0},
	} {
		asked := 0
		s, to := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		err := s.Push(t.Context(), app, to, "a.b.c")
		if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code || wait(err) != c.wait || asked != 1 {
			t.Errorf("%s: %v, asked %d times, wait %v", name, err, asked, wait(err))
		}
		if err != nil && strings.Contains(err.Error(), to) {
			t.Errorf("%s: the address stands in the error", name)
		}
	}
}

func TestAReceiverThatHangsHoldsUpItsOwnEventsAlone(t *testing.T) {
	const hung = 4
	arrived, leave := make(chan struct{}, hung), make(chan struct{})
	s, to := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hangs" {
			arrived <- struct{}{}
			<-leave
		}
		w.WriteHeader(http.StatusAccepted)
	})
	ended := make(chan error, hung)
	for range hung {
		go func() { ended <- s.Push(t.Context(), "slow", to+"/hangs", "a.b.c") }()
	}
	for range hung {
		<-arrived
	}
	if err := s.Push(t.Context(), "slow", to+"/hangs", "a.b.c"); fault.CodeOf(err) != "EVENT_NOT_TAKEN" || wait(err) == 0 {
		t.Errorf("one more: %v", err)
	}
	_, elsewhere := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	if err := s.Push(t.Context(), "quick", elsewhere, "a.b.c"); err != nil {
		t.Errorf("another app's: %v", err)
	}
	close(leave)
	for range hung {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestAnEventGoesToPublicAddressesAndNeverWithinAUnit(t *testing.T) {
	_, to := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("it was called") })
	s := eventhttp.New(eventhttp.Config{})
	if err := s.Push(t.Context(), app, to, "a.b.c"); fault.CodeOf(err) != "EVENT_NOT_TAKEN" {
		t.Errorf("loopback: %v", err)
	}
	open := eventhttp.New(eventhttp.Config{Reach: dialout.WithLoopback})
	if err := open.Push(unit.Mark(context.Background()), app, to, "a.b.c"); fault.CodeOf(err) != "OUTSIDE_CALL_IN_UNIT" {
		t.Errorf("within a unit: %v", err)
	}
}

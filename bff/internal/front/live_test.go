package front_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/reqctx"
)

const withTicks = small + `
type Subscription { ticks: Int! @front(in: [MOBILE]) }
`

// tower wakes every stream at once.
type tower struct{ c chan struct{} }

func (w tower) Watch(...changes.Key) (<-chan struct{}, func()) { return w.c, func() {} }

// streaming is a front with one subscription that gives a value and then waits.
type streaming struct {
	*stage
	tower   tower
	closing chan struct{}
	code    atomic.Value  // what the verifier now says of the token
	waits   atomic.Int64  // operations that wait for their end
	linger  chan struct{} // until it is closed, an operation that was ended goes on
	server  *httptest.Server
}

func newStreaming(t *testing.T, beat time.Duration) *streaming {
	t.Helper()
	s := &streaming{stage: newStage(t, config.Dev), tower: tower{make(chan struct{}, 1)}, closing: make(chan struct{})}
	filtered, err := front.Filter(load(t, withTicks), "MOBILE")
	if err != nil {
		t.Fatal(err)
	}
	s.linger = make(chan struct{})
	close(s.linger)
	s.code.Store("")
	s.Schema = executable{filtered, func(ctx context.Context) *graphql.Response {
		if reqctx.From(ctx).Client == "" && graphql.GetOperationContext(ctx).Operation.Operation == "subscription" {
			return nil
		}
		if told, _ := ctx.Value(told{}).(*atomic.Bool); told == nil || told.CompareAndSwap(false, true) {
			return &graphql.Response{Data: json.RawMessage(`{"ticks":1}`)}
		}
		s.waits.Add(1)
		<-ctx.Done()
		<-s.linger
		s.waits.Add(-1)
		return nil
	}}
	s.Verifier = tokens{&sendertest.Proofs{}, func(context.Context, string) (reqctx.Facts, error) {
		if code := s.code.Load().(string); code != "" {
			return reqctx.Facts{}, fault.New("test", fault.Unauthenticated, code)
		}
		return reqctx.Facts{Actor: ids.Actor{Subject: "sub_1"}, Session: "ses_1", Level: 3, Client: "app"}, nil
	}}
	s.Live = front.Live{Changes: s.tower, Closing: s.closing, Beat: beat}
	s.again(t)
	return s
}

// waiting returns when so many operations wait for their end.
func (s *streaming) waiting(t *testing.T, operations int64) {
	t.Helper()
	for began := time.Now(); s.waits.Load() != operations; time.Sleep(time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatalf("%d operations wait, not %d", s.waits.Load(), operations)
		}
	}
}

// signOut ends the sign-in, and wakes the stream that watches it.
func (s *streaming) signOut() {
	s.code.Store("SESSION_ENDED")
	s.tower.c <- struct{}{}
}

// again serves with what the configuration says now.
func (s *streaming) again(t *testing.T) {
	t.Helper()
	h, err := front.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), told{}, &atomic.Bool{})))
	}))
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		s.server.Close()
	})
}

// told marks whether a stream has given its first value.
type told struct{}

// open begins a stream and gives its lines, closed with it.
func (s *streaming) open(t *testing.T, document string) (*http.Response, <-chan string) {
	t.Helper()
	return s.accepting(t, document, "text/event-stream")
}

func (s *streaming) accepting(t *testing.T, document, accept string) (*http.Response, <-chan string) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"query": document})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", "gzip, zstd")
	r.Header.Set("Authorization", "Bearer good")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := make(chan string, 64)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if in.Text() != "" {
				lines <- in.Text()
			}
		}
	}()
	return res, lines
}

// hear wants these lines next; "" for the end.
func hear(t *testing.T, lines <-chan string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		select {
		case got := <-lines:
			if want == "" && got != "" || !strings.Contains(got, want) {
				t.Fatalf("heard %q, want %q", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("never heard %q", want)
		}
	}
}

const ticks = "subscription { ticks }"

func TestAStreamIsEventsAsTheyComeUncompressed(t *testing.T) {
	s := newStreaming(t, 10*time.Millisecond)
	res, lines := s.open(t, ticks)
	if res.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") || res.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("%v", res.Header)
	}
	hear(t, lines, ":", "event: next", `data: {"data":{"ticks":1}}`, ":", ":") // and signs of life
}

func TestAQueryAsAStreamCompletes(t *testing.T) {
	s := newStreaming(t, time.Hour)
	_, lines := s.open(t, "{ me { id } }")
	hear(t, lines, ":", "event: next", "data: ", "event: complete", "data:", "")
}

func TestAWrongDocumentIsToldAsAnEvent(t *testing.T) {
	s := newStreaming(t, time.Hour)
	res, lines := s.open(t, "subscription { shoeSize }")
	if res.StatusCode != http.StatusOK {
		t.Errorf("%d", res.StatusCode)
	}
	hear(t, lines, ":", "event: next", "DOCUMENT_INVALID", "event: complete", "data:", "")
}

func TestAStreamThatWakesToAnEndedSignInSaysSo(t *testing.T) {
	s := newStreaming(t, time.Hour)
	_, lines := s.open(t, ticks)
	hear(t, lines, ":", "event: next", "ticks")
	s.signOut()
	hear(t, lines, "event: next", "SESSION_ENDED", "event: complete", "data:", "")
}

// Its client connects again with a new token, and is told what is true then.
func TestAStreamWhoseTokenExpiresIsCut(t *testing.T) {
	s := newStreaming(t, 10*time.Millisecond)
	_, lines := s.open(t, ticks)
	hear(t, lines, ":", "event: next", "ticks")
	s.code.Store("TOKEN_EXPIRED")
	for line := range lines {
		if line != ":" {
			t.Errorf("heard %q", line)
		}
	}
}

func TestAPersonHoldsSoManyStreamsAndNoMore(t *testing.T) {
	s := newStreaming(t, time.Hour)
	var first *http.Response
	for i := range front.StreamsEach {
		res, lines := s.open(t, ticks)
		hear(t, lines, ":", "event: next", "ticks")
		if i == 0 {
			first = res
		}
	}
	res, lines := s.open(t, ticks)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	hear(t, lines, "STREAMS_TOO_MANY")
	_ = first.Body.Close() // one leaves, and its seat is free
	for began := time.Now(); ; {
		res, _ := s.open(t, ticks)
		if res.StatusCode == http.StatusOK {
			return
		}
		if time.Since(began) > 5*time.Second {
			t.Fatal("the seat is never free")
		}
	}
}

func TestAProcessThatEndsCutsItsStreams(t *testing.T) {
	s := newStreaming(t, time.Hour)
	_, lines := s.open(t, ticks)
	hear(t, lines, ":", "event: next", "ticks")
	close(s.closing)
	hear(t, lines, "")
}

// urql takes events for everything; its queries are answered as anybody's.
func TestWhoTakesBothGetsEventsForASubscriptionAlone(t *testing.T) {
	s := newStreaming(t, time.Hour)
	both := "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
	res, lines := s.accepting(t, "{ me { id } }", both)
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/graphql-response+json") {
		t.Errorf("%v", res.Header)
	}
	hear(t, lines, `{"data":`)
	_, lines = s.accepting(t, ticks, both)
	hear(t, lines, ":", "event: next", "ticks")
}

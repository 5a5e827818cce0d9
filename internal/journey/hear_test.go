package journey_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
)

// stream is a subscription by SSE (graphql-sse, distinct connections), for what
// needs no client of other people's.
type stream struct {
	t    testing.TB
	next chan journey.Answer
	// over is closed when the server has ended it.
	over chan struct{}
}

// hear subscribes with a trusted document of the phone's, at its own front.
func hear(t testing.TB, p *journey.Phone, operation string, variables map[string]any) *stream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"operationName": operation, "variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.Operations[operation]}}})
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Front, bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+p.Tokens.AccessToken)
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	s := &stream{t: t, next: make(chan journey.Answer, 32), over: make(chan struct{})}
	go func() {
		defer close(s.over)
		defer func() { _ = answer.Body.Close() }()
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok && strings.TrimSpace(data) != "" {
				var a journey.Answer
				if json.Unmarshal([]byte(data), &a) == nil {
					s.next <- a
				}
			}
		}
	}()
	return s
}

// take puts the data of what is heard next into out.
func (s *stream) take(within time.Duration, out any) {
	s.t.Helper()
	select {
	case a := <-s.next:
		if len(a.Errors) > 0 {
			s.t.Fatalf("heard %+v", a.Errors)
		}
		must(s.t, json.Unmarshal(a.Data, out))
	case <-s.over:
		s.t.Fatal("the stream has ended")
	case <-time.After(within):
		s.t.Fatalf("nothing heard within %v", within)
	}
}

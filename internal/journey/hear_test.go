package journey_test

import (
	"bufio"
	"encoding/json"
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
	body, err := p.Listen(t.Context(), operation, variables)
	must(t, err)
	s := &stream{t: t, next: make(chan journey.Answer, 32), over: make(chan struct{})}
	go func() {
		defer close(s.over)
		defer func() { _ = body.Close() }()
		lines := bufio.NewScanner(body)
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

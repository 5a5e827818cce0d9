package fcm

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// Message is one call as it came.
type Message struct {
	At      time.Time `json:"at"`
	Project string    `json:"project"`
	Token   string    `json:"token,omitempty"` // empty when the body could not be read
	// Headers are all of them; of Authorization only the scheme.
	Headers http.Header `json:"headers"`
	Body    string      `json:"body"` // byte for byte
	// ValidateOnly is a dry run, which reaches nobody.
	ValidateOnly bool `json:"validate_only,omitempty"`
	// Outcome is the state that the call met, silence, left (the caller gave
	// up first), or the refusal's google.rpc code in small letters.
	Outcome string `json:"outcome"`
	Status  int    `json:"status,omitempty"` // HTTP status; 0 when nothing was answered
	Name    string `json:"name,omitempty"`   // as answered
}

// Delivered tells whether the message reached its device.
func (m Message) Delivered() bool { return m.Outcome == string(OK) && !m.ValidateOnly }

// Counts says how many calls came since the start or the last clearing.
type Counts struct {
	Sends    int            `json:"sends"`
	Outcomes map[string]int `json:"outcomes"` // sends by Message.Outcome
	Peak     int            `json:"peak"`     // most calls open at one moment
}

// History is what came, oldest first, the newest ten thousand.
func (s *Server) History() []Message { return s.tape.All() }

// Counts are the counts so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Outcomes = maps.Clone(s.counts.Outcomes)
	return c
}

// Forget clears history and counts; the states of tokens stay.
func (s *Server) Forget() {
	s.tape.Clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = Counts{Outcomes: map[string]int{}}
}

func (s *Server) note(m Message) {
	m.At = s.now().UTC()
	s.tape.Add(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Sends++
	s.counts.Outcomes[m.Outcome]++
}

// entered counts a call as open until what it gives is called.
func (s *Server) entered() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	s.counts.Peak = max(s.counts.Peak, s.open)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
	}
}

func headers(r *http.Request) http.Header {
	h := r.Header.Clone()
	if scheme, _, found := strings.Cut(h.Get("Authorization"), " "); found {
		h.Set("Authorization", scheme+" (not kept)")
	}
	return h
}

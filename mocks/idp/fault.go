package idp

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// Mode is a way of being broken.
type Mode string

// The modes. The last three show in the id_token only.
const (
	OK           Mode = "ok"
	Error        Mode = "error"         // 503 without words
	Silence      Mode = "silence"       // the connection lives, nothing is answered
	Slow         Mode = "slow"          // right, after the latency
	BadSignature Mode = "bad_signature" // signed by an unknown key under the known key id
	WrongNonce   Mode = "wrong_nonce"   // another sign-in's nonce
	Expired      Mode = "expired"       // issued two hours ago and lapsed since
)

// Endpoint names one of the source's endpoints.
type Endpoint string

// The endpoints.
const (
	Discovery Endpoint = "discovery"
	JWKS      Endpoint = "jwks"
	Authorize Endpoint = "authorize"
	Token     Endpoint = "token"
	UserInfo  Endpoint = "userinfo"
)

// Fault is how the source is broken at present.
type Fault struct {
	Mode Mode `json:"mode"`
	// LatencyMS is how many milliseconds pass before an answer, in any mode.
	LatencyMS int `json:"latency_ms,omitempty"`
	// At are the endpoints it befalls; empty means all of them.
	At []Endpoint `json:"at,omitempty"`
}

// SetFault breaks the source until the next SetFault; Fault{} mends it.
func (s *Server) SetFault(f Fault) error {
	if f.Mode == "" {
		f.Mode = OK
	}
	modes := []Mode{OK, Error, Silence, Slow, BadSignature, WrongNonce, Expired}
	if !slices.Contains(modes, f.Mode) {
		return fmt.Errorf("idp: unknown mode %q", f.Mode)
	}
	for _, at := range f.At {
		if !slices.Contains([]Endpoint{Discovery, JWKS, Authorize, Token, UserInfo}, at) {
			return fmt.Errorf("idp: unknown endpoint %q", at)
		}
	}
	if f.LatencyMS < 0 {
		return fmt.Errorf("idp: latency %d ms is before the question", f.LatencyMS)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	return nil
}

// faultAt is the fault that befalls this endpoint now.
func (s *Server) faultAt(at Endpoint) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fault.At) > 0 && !slices.Contains(s.fault.At, at) {
		return Fault{Mode: OK}
	}
	return s.fault
}

func (s *Server) faulty(at Endpoint, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := s.faultAt(at)
		if !loopback.Wait(r, time.Duration(f.LatencyMS)*time.Millisecond) {
			return
		}
		switch f.Mode {
		case Error:
			s.note(Entry{What: string(at), Outcome: "fault:error"})
			w.WriteHeader(http.StatusServiceUnavailable)
		case Silence:
			s.note(Entry{What: string(at), Outcome: "fault:silence"})
			loopback.Hold(r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

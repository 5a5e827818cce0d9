package fcm

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// The modes of a fault that are no state of a token.
const (
	Silence State = "silence" // the connection lives, nothing is answered
	Slow    State = "slow"    // right, after the latency
)

// Fault befalls every call, whatever its token.
type Fault struct {
	Mode State `json:"mode"` // ok, quota, down, silence, slow
	// LatencyMS is how many milliseconds pass before an answer, in any mode.
	LatencyMS int `json:"latency_ms,omitempty"`
}

// SetFault breaks the service until the next SetFault; Fault{} mends it.
func (s *Server) SetFault(f Fault) error {
	if f.Mode == "" {
		f.Mode = OK
	}
	if !slices.Contains([]State{OK, Quota, Down, Silence, Slow}, f.Mode) {
		return fmt.Errorf("fcm: unknown mode %q", f.Mode)
	}
	if f.LatencyMS < 0 {
		return fmt.Errorf("fcm: latency %d ms is before the question", f.LatencyMS)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	return nil
}

func (s *Server) currentFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.Mode == "" {
		return Fault{Mode: OK}
	}
	return s.fault
}

func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /history", func(w http.ResponseWriter, r *http.Request) {
		all := s.History()
		if r.URL.Query().Has("token") {
			token := r.URL.Query().Get("token")
			all = slices.DeleteFunc(all, func(m Message) bool { return m.Token != token })
		}
		loopback.JSON(w, http.StatusOK, all)
	})
	mux.HandleFunc("DELETE /history", func(w http.ResponseWriter, _ *http.Request) {
		s.Forget()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) {
		loopback.JSON(w, http.StatusOK, s.Counts())
	})
	mux.HandleFunc("PUT /tokens/{token}", func(w http.ResponseWriter, r *http.Request) {
		take(w, r, func(st TokenState) error { return s.SetToken(r.PathValue("token"), st) })
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) { take(w, r, s.SetFault) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) { take(w, r, s.SetFault) })
	return loopback.Control(mux)
}

// take reads the body as a T and does with it what is to be done.
func take[T any](w http.ResponseWriter, r *http.Request, do func(T) error) {
	var v T
	err := loopback.Read(r, &v)
	if err == nil {
		err = do(v)
	}
	if err != nil {
		loopback.JSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

package payment

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// Mode is a way of being broken.
type Mode string

// The modes; doc.go says what each does.
const (
	OK       Mode = "ok"
	Error    Mode = "error"
	Silence  Mode = "silence"
	Garbage  Mode = "garbage"
	Unsigned Mode = "unsigned"
	Deaf     Mode = "deaf"
	Lost     Mode = "lost"
	Doubled  Mode = "doubled"
	Held     Mode = "held"
)

// Fault is how the platform is broken at present.
type Fault struct {
	API Mode `json:"api,omitempty"`
	// LatencyMS is how many milliseconds pass before an answer, in any mode.
	LatencyMS int  `json:"latency_ms,omitempty"`
	Notices   Mode `json:"notices,omitempty"`
}

// SetFault breaks the platform until the next SetFault; Fault{} mends it.
func (s *Server) SetFault(f Fault) error {
	if f.API == "" {
		f.API = OK
	}
	if f.Notices == "" {
		f.Notices = OK
	}
	if !slices.Contains([]Mode{OK, Error, Silence, Garbage, Unsigned, Deaf}, f.API) {
		return fmt.Errorf("payment: unknown mode %q", f.API)
	}
	if !slices.Contains([]Mode{OK, Lost, Doubled, Held}, f.Notices) {
		return fmt.Errorf("payment: unknown mode %q of notices", f.Notices)
	}
	if f.LatencyMS < 0 {
		return fmt.Errorf("payment: latency %d ms is before the question", f.LatencyMS)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	return nil
}

func (s *Server) currentFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, _ *http.Request) { loopback.JSON(w, http.StatusOK, s.Orders()) })
	mux.HandleFunc("GET /orders/{number}", func(w http.ResponseWriter, r *http.Request) {
		o, known := s.Order(r.PathValue("number"))
		if !known {
			refuse(w, http.StatusNotFound, fmt.Errorf("payment: no such order"))
			return
		}
		loopback.JSON(w, http.StatusOK, o)
	})
	mux.HandleFunc("POST /orders/{number}/pay", func(w http.ResponseWriter, r *http.Request) {
		t, err := s.Settle(r.PathValue("number"))
		if err != nil {
			refuse(w, http.StatusNotFound, err)
			return
		}
		loopback.JSON(w, http.StatusOK, t)
	})
	mux.HandleFunc("POST /notices/send", func(w http.ResponseWriter, r *http.Request) {
		var n Sent
		err := loopback.Read(r, &n)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		got, err := s.Send(r.Context(), n)
		if err != nil {
			refuse(w, http.StatusBadGateway, err)
			return
		}
		loopback.JSON(w, http.StatusOK, got)
	})
	mux.HandleFunc("POST /notices/release", func(w http.ResponseWriter, _ *http.Request) {
		s.Release()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /history", func(w http.ResponseWriter, _ *http.Request) { loopback.JSON(w, http.StatusOK, s.History()) })
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) { loopback.JSON(w, http.StatusOK, s.Counts()) })
	mux.HandleFunc("POST /faults", s.takeFault)
	mux.HandleFunc("DELETE /faults", s.takeFault)
	return loopback.Control(mux)
}

func (s *Server) takeFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	err := loopback.Read(r, &f)
	if err == nil {
		err = s.SetFault(f)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func refuse(w http.ResponseWriter, status int, err error) {
	loopback.JSON(w, status, map[string]string{"error": err.Error()})
}

package idp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/tongban/tongban/mocks/internal/loopback"
)

// ErrNobody is the answer for a name that the source does not know.
var ErrNobody = errors.New("idp: nobody of that name")

// SetLevel changes a person's real-name level, from their next sign-in on.
func (s *Server) SetLevel(name string, level int) error {
	if !validLevel(level) {
		return fmt.Errorf("idp: level %d, want 2 to 5", level)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.choice() == name })
	if i < 0 {
		return ErrNobody
	}
	s.people[i].Level = level
	return nil
}

func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /history", func(w http.ResponseWriter, _ *http.Request) {
		loopback.JSON(w, http.StatusOK, s.History())
	})
	mux.HandleFunc("DELETE /history", func(w http.ResponseWriter, _ *http.Request) {
		s.Forget()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) {
		loopback.JSON(w, http.StatusOK, s.Counts())
	})
	mux.HandleFunc("POST /faults", s.postFault)
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, s.SetFault(Fault{}))
	})
	mux.HandleFunc("PUT /people/{name}/level", s.putLevel)
	return loopback.Control(mux)
}

func (s *Server) postFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if err := loopback.Read(r, &f); err != nil {
		answer(w, err)
		return
	}
	answer(w, s.SetFault(f))
}

func (s *Server) putLevel(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Level int `json:"level"`
	}
	if err := loopback.Read(r, &body); err != nil {
		answer(w, err)
		return
	}
	answer(w, s.SetLevel(r.PathValue("name"), body.Level))
}

func answer(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, ErrNobody):
		loopback.JSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
	default:
		loopback.JSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
	}
}

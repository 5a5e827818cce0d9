package province

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// State is what GET /state of the control listener tells.
type State struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	AppID   string `json:"app_id"`
	URL     string `json:"url"`
	Issuer  string `json:"issuer"`
	Auth    string `json:"auth"`
	Running bool   `json:"running"`
	Fault   Fault  `json:"fault"`
	People  int    `json:"people"`
	Cases   int    `json:"cases"`
}

// Counts is what GET /counts tells.
type Counts struct {
	// Requests are those ended, by kind and outcome.
	Requests map[string]map[string]int `json:"requests"`
	// Cases are the effects: one per cooperation number.
	Cases      int `json:"cases"`
	Duplicates int `json:"duplicates"`
	// EventsOwed are neither acknowledged nor refused for good.
	EventsOwed int `json:"events_owed"`
	// Matters are what each item's cases cost their applicants.
	Matters []Matter `json:"matters"`
}

// State tells how the province stands.
func (p *Province) State() State {
	return State{
		Code: p.code, Name: p.division.Name, AppID: p.face.AppID, URL: p.URL(), Issuer: p.issuerURL(),
		Auth: p.face.Connector.Auth.Kind, Running: p.api.running(), Fault: p.faults.get(),
		People: len(p.known()), Cases: len(p.CaseNumbers()),
	}
}

// Counts tells how much happened.
func (p *Province) Counts() Counts {
	counts := Counts{Requests: p.history.tally(), Matters: p.Matters()}
	p.mu.Lock()
	defer p.mu.Unlock()
	counts.Cases = len(p.cases)
	for _, c := range p.cases {
		counts.Duplicates += c.Duplicates
		for _, e := range c.Events {
			if !e.Delivered && !e.Dropped {
				counts.EventsOwed++
			}
		}
	}
	return counts
}

func (p *Province) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.State()) })
	mux.HandleFunc("GET /history", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.History()) })
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.Counts()) })
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.Told()) })
	mux.HandleFunc("GET /cases", p.controlCases)
	mux.HandleFunc("POST /cases/{no}/advance", p.controlAdvance)
	mux.HandleFunc("POST /events/send", p.controlSend)
	mux.HandleFunc("POST /licences/status", p.controlLicence)
	mux.HandleFunc("POST /faults", p.controlFault)
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		p.ClearFault()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /kill", controlDo(p.Kill))
	mux.HandleFunc("POST /restart", controlDo(p.Restart))
	return mux
}

func controlDo(f func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := f(); err != nil {
			writeError(w, http.StatusInternalServerError, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

// readControl reads the body of a control call; a member it does not know is a
// typing error of the test and refused.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		writeError(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

func (p *Province) controlCases(w http.ResponseWriter, _ *http.Request) {
	list := []Case{}
	for _, number := range p.CaseNumbers() {
		if c, ok := p.Case(number); ok {
			list = append(list, c)
		}
	}
	writeJSON(w, http.StatusOK, list)
}

func (p *Province) controlAdvance(w http.ResponseWriter, r *http.Request) {
	var m Move
	if !readControl(w, r, &m) {
		return
	}
	number := r.PathValue("no")
	err := p.Advance(number, m)
	switch {
	case errors.Is(err, errNoCase):
		writeError(w, http.StatusNotFound, err)
	case err != nil:
		writeError(w, http.StatusConflict, err)
	default:
		c, _ := p.Case(number)
		writeJSON(w, http.StatusOK, c)
	}
}

func (p *Province) controlSend(w http.ResponseWriter, r *http.Request) {
	var s Sent
	if !readControl(w, r, &s) {
		return
	}
	answer, err := p.Send(r.Context(), s)
	if err != nil {
		writeError(w, http.StatusBadGateway, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (p *Province) controlFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !readControl(w, r, &f) {
		return
	}
	if err := p.SetFault(f); err != nil {
		writeError(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusOK, p.faults.get())
}

package province

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Entry is one request that the API listener received.
type Entry struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	// Kind is the capability's name, or manifest, jwks, login, callback, page,
	// site, download, icon, other.
	Kind string `json:"kind"`
	// Case is the cooperation number of a submission.
	Case string `json:"case,omitempty"`
	// Outcome is ok, duplicate, or what went wrong; "" = still running.
	Outcome string `json:"outcome"`
	// Fault is the mode of the fault that hit the request, or "".
	Fault string `json:"fault,omitempty"`
	// Subject is the pairwise sub of a launch.
	Subject string `json:"subject,omitempty"`
	Status  int    `json:"status"`
}

// historyLimit bounds memory under load. Our choice; counts go on beyond it.
const historyLimit = 5000

type history struct {
	mu      sync.Mutex
	entries []*Entry
	counts  map[string]map[string]int // kind → outcome → how many
}

// begin notes a request at its arrival, so that one never answered is seen too.
func (h *history) begin(e Entry) *Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.entries) == historyLimit {
		h.entries = slices.Delete(h.entries, 0, historyLimit/10)
	}
	h.entries = append(h.entries, &e)
	return &e
}

func (h *history) update(e *Entry, change func(*Entry)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(e)
}

func (h *history) end(e *Entry, status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e.Status = status
	if e.Outcome == "" {
		e.Outcome = "ok"
		if status >= http.StatusBadRequest {
			e.Outcome = "failed"
		}
	}
	if h.counts == nil {
		h.counts = map[string]map[string]int{}
	}
	if h.counts[e.Kind] == nil {
		h.counts[e.Kind] = map[string]int{}
	}
	h.counts[e.Kind][e.Outcome]++
}

func (h *history) list() []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Entry, len(h.entries))
	for i, e := range h.entries {
		list[i] = *e
	}
	return list
}

func (h *history) tally() map[string]map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	tally := map[string]map[string]int{}
	for kind, outcomes := range h.counts {
		tally[kind] = map[string]int{}
		for outcome, n := range outcomes {
			tally[kind][outcome] = n
		}
	}
	return tally
}

// History gives the requests received, oldest first.
func (p *Province) History() []Entry { return p.history.list() }

type entryKey struct{}

// note changes the history's entry of a request.
func (p *Province) note(r *http.Request, change func(*Entry)) {
	if e, ok := r.Context().Value(entryKey{}).(*Entry); ok {
		p.history.update(e, change)
	}
}

// outcome notes how a request ended.
func (p *Province) outcome(r *http.Request, what string) {
	p.note(r, func(e *Entry) { e.Outcome = what })
}

// recorded writes every request of the kind into the history, and lets a fault
// have it where one is set.
func (p *Province) recorded(kind string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := p.history.begin(Entry{At: p.now(), Method: r.Method, Path: r.URL.Path, Kind: kind})
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { p.history.end(e, seen.status) }()
		p.throughFaults(seen, r.WithContext(context.WithValue(r.Context(), entryKey{}, e)), next)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader keeps the status for the history.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// readyWithin is how long a readiness check may take. Our choice: shorter than
// the 3 s that orchestrators usually wait.
const readyWithin = 2 * time.Second

// Checks are the things without which a process must get no traffic, by name.
// A name is told to whoever asks; the error is not.
type Checks map[string]func(ctx context.Context) error

// Live answers 200 while the process runs at all.
func Live(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

// Ready answers 200 when every check passes, else 503, with each check's state:
// {"ready":false,"checks":{"database":"failing"}}.
func (c Checks) Ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	answer := struct {
		Ready  bool              `json:"ready"`
		Checks map[string]string `json:"checks"`
	}{Ready: true, Checks: make(map[string]string, len(c))}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, check := range c {
		wg.Go(func() {
			state := "ok"
			if err := check(ctx); err != nil {
				state = "failing"
			}
			mu.Lock()
			defer mu.Unlock()
			answer.Checks[name] = state
			answer.Ready = answer.Ready && state == "ok"
		})
	}
	wg.Wait()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

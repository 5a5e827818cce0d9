package journey_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/bff/verifier"
	"github.com/tongban/tongban/internal/journey"
)

// deskAt is a verifier's device that talks to another process.
func (st *stage) deskAt(id, mobileFront string) *journey.Desk {
	st.t.Helper()
	operations, err := verifier.Operations()
	must(st.t, err)
	for _, v := range st.world.Verifiers {
		if v.ID == id {
			front := strings.Replace(mobileFront, mobile.Path, verifier.Path, 1)
			d, err := journey.NewDesk(st.t.Context(), st.conf.Issuer, front, operations, v.Officers[0], st.clock.Now)
			must(st.t, err)
			return d
		}
	}
	st.t.Fatal("no such verifier")
	return nil
}

// demand: D40
func TestOfAHundredChecksInTwoProcessesOneIsTold(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan, shanghai}, func(t *testing.T, st *stage, second string) {
		p := st.phone(roamer)
		desks := []*journey.Desk{st.desk(traffic), st.deskAt(traffic, second)}
		id := st.licence(p, shanghai, "机动车行驶证")
		codes := []journey.ShowCode{st.show(p, id, "TYPE"), st.show(at(p, second), id, "TYPE")} // one of each process
		var told atomic.Int64
		var done sync.WaitGroup
		for i := range 100 {
			done.Go(func() {
				got, err := desks[i%2].Check(t.Context(), codes[i/2%2].Code, "roadside-check")
				if err == nil && got.State == "TOLD" {
					told.Add(1)
				} else {
					refused(t, err, "SHOW_CODE_INVALID")
				}
			})
		}
		done.Wait()
		if list, err := p.Ledger(t.Context()); err != nil || told.Load() != 1 || len(list) != 1 {
			t.Errorf("%d told, %d in the ledger, %v", told.Load(), len(list), err)
		}
	})
}

// demand: D40
func TestAHolderIsAskedAtOnceWhateverProcessTheVerifierCameTo(t *testing.T) {
	t.Parallel()
	pair(t, []string{henan}, func(t *testing.T, st *stage, second string) {
		p, desk := st.phone(roamer), st.deskAt(hotel, second)
		body, err := json.Marshal(map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": p.Operations["ApprovalsChanged"]}}})
		must(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Front, strings.NewReader(string(body)))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "text/event-stream")
		must(t, p.Prove(req))
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		heard := func(part string) time.Duration {
			t.Helper()
			began := time.Now()
			for lines.Scan() {
				if strings.Contains(lines.Text(), part) {
					return time.Since(began)
				}
			}
			t.Fatalf("the stream ended without %s: %v", part, lines.Err())
			return 0
		}
		heard(`"approvalsChanged":[]`)
		asked, err := desk.Check(t.Context(), st.show(p, st.licence(p, henan, "居民身份证"), "ID_NUMBER").URL, "hotel-check-in")
		must(t, err)
		if took := heard("示例酒店(演示)"); took > across {
			t.Errorf("asked after %v", took)
		}
		if _, err := p.Answer(t.Context(), asked.ID, "APPROVE"); err != nil {
			t.Fatal(err)
		}
		if got, err := desk.Result(t.Context(), asked.ID); err != nil || got.Value("ID_NUMBER") == "" {
			t.Fatalf("%+v %v", got, err)
		}
		heard(`"approvalsChanged":[]`)
	})
}

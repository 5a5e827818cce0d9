package journey_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

// One process on SQLite; two on PostgreSQL are TestOfAHundredChecksInTwoProcessesOneIsTold.
// demand: D40
func TestOfAHundredChecksInOneProcessOneIsTold(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan, shanghai}})
	p, patrol := st.phone(roamer), st.desk(traffic)
	id := st.licence(p, shanghai, "机动车行驶证")
	codes := []string{st.show(p, id, "TYPE").URL, st.show(p, id, "TYPE").Code}
	var told atomic.Int64
	var done sync.WaitGroup
	for i := range 100 {
		done.Go(func() {
			got, err := patrol.Check(t.Context(), codes[i%2], "roadside-check")
			if err == nil && got.State == "TOLD" {
				told.Add(1)
			} else {
				refused(t, err, "SHOW_CODE_INVALID")
			}
		})
	}
	done.Wait()
	if list := st.uses(p); told.Load() != 1 || len(list) != 1 {
		t.Errorf("%d told, %d in the ledger", told.Load(), len(list))
	}
}

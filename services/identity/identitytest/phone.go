package identitytest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// parallelRecycled has a source repeat a number for its former holder while the
// operator's word for the new one arrives.
func parallelRecycled(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	for i := range rounds {
		former, holder := Evidence(), Other()
		former.Phone = fmt.Sprintf("1990001%04d", i)
		holder.Phone, holder.PhoneVerified = former.Phone, true
		had, has := w.atOnce(t, former, holder)
		if had.Phone != "" || has.Phone != holder.Phone {
			t.Fatalf("round %d: the former holder has %q, the new one %q", i, had.Phone, has.Phone)
		}
	}
}

// parallelSwap has two persons' operators give each the other's number at once,
// again and again: each sign-in wants the account that the other one holds.
func parallelSwap(t *testing.T, store identity.Store, units unit.Runner) {
	counted := &counting{Runner: units}
	w := New(t, store, counted)
	one, two := Evidence(), Other()
	one.PhoneVerified, two.PhoneVerified = true, true
	w.SignIn(t, one)
	w.SignIn(t, two)
	for i := range rounds {
		one.Phone, two.Phone = two.Phone, one.Phone
		counted.runs.Store(0)
		a, b := w.atOnce(t, one, two)
		if a.Phone != one.Phone || b.Phone != two.Phone {
			t.Fatalf("round %d: swapped to %q and %q", i, a.Phone, b.Phone)
		}
		if runs := counted.runs.Load(); runs != 4 {
			t.Fatalf("round %d: four units ran %d times: they waited for each other", i, runs)
		}
	}
}

// atOnce signs two persons in at once and gives the profiles that both have
// afterwards.
func (w *World) atOnce(t *testing.T, one, two identity.Evidence) (identity.Profile, identity.Profile) {
	t.Helper()
	var profiles [2]identity.Profile
	var all sync.WaitGroup
	var in [2]identity.SignIn
	for i, e := range []identity.Evidence{one, two} {
		all.Go(func() {
			var err error
			if in[i], err = w.SignedIn(t.Context(), e, Phone); err != nil {
				t.Errorf("sign in: %v", err)
			}
		})
	}
	all.Wait()
	for i := range in {
		a, err := w.Account(t.Context(), in[i].Account.Subject)
		must(t, err)
		profiles[i] = a.Profile
	}
	return profiles[0], profiles[1]
}

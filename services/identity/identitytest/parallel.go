package identitytest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
)

// parallelFirst has one person sign in for the first time at several sources
// and devices at once.
func parallelFirst(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	var mu sync.Mutex
	subjects := map[ids.SubjectID]int{}
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			e := Evidence()
			e.Source = []string{"national", "provincial"}[i%2]
			in, err := w.SignedIn(t.Context(), e, Phone)
			if err != nil {
				t.Errorf("sign in: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			subjects[in.Account.Subject]++
		})
	}
	all.Wait()
	if len(subjects) != 1 {
		t.Fatalf("%d accounts of one person", len(subjects))
	}
	for subject := range subjects {
		if list, err := w.Sessions(t.Context(), ids.Actor{Subject: subject}); err != nil || len(list) != 6 {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
	}
}

func parallelPlaces(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	subject := w.SignIn(t, Evidence()).Account.Subject
	places := []ids.AreaCode{"320000", "330000", "340000", "440000", "500000"}
	var all sync.WaitGroup
	for _, place := range places {
		all.Go(func() {
			e := Evidence()
			e.Places = []ids.AreaCode{place}
			if _, err := w.SignedIn(t.Context(), e, Phone); err != nil {
				t.Errorf("sign in: %v", err)
			}
		})
	}
	all.Wait()
	a, err := w.Account(t.Context(), subject)
	must(t, err)
	for _, place := range append(places, Evidence().Places...) {
		if !slices.Contains(a.Places, place) {
			t.Errorf("%s is lost", place)
		}
	}
}

// refreshSeesEnd has a use of a session wait for the unit that ends it.
func refreshSeesEnd(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	in := w.SignIn(t, Evidence())
	locked, used := make(chan struct{}), make(chan error, 1)
	go func() {
		<-locked
		used <- units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			_, err := w.UseSession(ctx, u, in.Session.ID)
			return err
		})
	}()
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if err := w.EndSessionIn(ctx, u, in.Session.ID); err != nil {
			return err
		}
		close(locked)
		return nil
	})
	if err := <-used; fault.CodeOf(err) != "SESSION_ENDED" {
		t.Fatalf("a use beside the end: %v", err)
	}
}

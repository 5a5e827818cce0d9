package identitytest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/outbox"
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

// rounds is how often a race is tried that an engine may win by luck. Our
// choice: a store that does not keep the promise loses about every second.
const rounds = 20

// parallelKey opens two sign-ins of one new device key at once, for oneself and
// for an enterprise in turn.
func parallelKey(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	w.SignIn(t, Evidence())
	for i := range rounds {
		e := []identity.Evidence{Evidence(), ForEnterprise()}[i%2]
		begun := w.begin(t, e, identity.Device{Client: "tongban-mobile", Key: fmt.Sprintf("key-%d", i)}, 2)
		before := len(w.Outbox.Events())
		var all sync.WaitGroup
		for _, id := range begun {
			all.Go(func() {
				if _, err := w.Opened(t.Context(), id); err != nil {
					t.Errorf("open: %v", err)
				}
			})
		}
		all.Wait()
		if living, told := w.living(t, begun), toldNew(w.Outbox.Events()[before:]); living != 1 || told != 1 {
			t.Fatalf("round %d: %d sessions of one key live, and a new device was told of %d times", i, living, told)
		}
	}
}

// Nothing of a person is kept after its account was closed, whichever comes first.
func nameBesideClose(t *testing.T, store identity.Store, units unit.Runner) {
	w := New(t, store, units)
	for i := range rounds {
		session := w.SignIn(t, Evidence()).Session
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.Close(t.Context(), session.Actor()); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		all.Go(func() {
			if err := w.NameDevice(t.Context(), session.Actor(), session.ID, "客厅的平板"); err != nil && fault.CodeOf(err) != "SESSION_NOT_FOUND" {
				t.Errorf("name: %v", err)
			}
		})
		all.Wait()
		if names, err := store.DeviceNames(t.Context(), session.Subject); err != nil || len(names) > 0 {
			t.Fatalf("round %d: %d names are left, %v", i, len(names), err)
		}
	}
}

// begin begins n sign-ins by the same evidence on one device.
func (w *World) begin(t *testing.T, e identity.Evidence, on identity.Device, n int) []ids.SessionID {
	t.Helper()
	var begun []ids.SessionID
	for range n {
		in, err := w.Service.SignedIn(t.Context(), e, on)
		must(t, err)
		begun = append(begun, in.Session.ID)
	}
	return begun
}

// living says how many of the sessions live.
func (w *World) living(t *testing.T, of []ids.SessionID) int {
	t.Helper()
	n := 0
	for _, id := range of {
		if _, err := w.Session(t.Context(), id); err == nil {
			n++
		}
	}
	return n
}

// toldNew says of how many sign-ins on a new device the events tell.
func toldNew(events []outbox.Event) int {
	n := 0
	for _, event := range events {
		if started, is := event.(identity.SessionStarted); is && started.NewDevice {
			n++
		}
	}
	return n
}

// endBesideOpening ends all of a person's sessions while the person's next
// sign-in on the same device takes the place of the former: neither waits for
// what the other holds.
func endBesideOpening(t *testing.T, store identity.Store, units unit.Runner) {
	counted := &counting{Runner: units}
	w := New(t, store, counted)
	on := identity.Device{Client: "tongban-mobile", Key: "key"}
	for i := range rounds {
		begun := w.begin(t, Evidence(), on, 2)
		former, err := w.Opened(t.Context(), begun[0])
		must(t, err)
		counted.runs.Store(0)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.Opened(t.Context(), begun[1]); err != nil && fault.CodeOf(err) != "SESSION_ENDED" {
				t.Errorf("open: %v", err)
			}
		})
		all.Go(func() {
			if _, err := w.EndAll(t.Context(), former.Actor()); err != nil {
				t.Errorf("end all: %v", err)
			}
		})
		all.Wait()
		if living, runs := w.living(t, begun), counted.runs.Load(); living != 0 || runs != 2 {
			t.Fatalf("round %d: %d sessions outlive the end of all, and two units ran %d times", i, living, runs)
		}
	}
}

// counting counts how often units run: again for each deadlock.
type counting struct {
	unit.Runner
	runs atomic.Int64
}

// Do runs f as the runner behind does.
func (c *counting) Do(ctx context.Context, f func(ctx context.Context, u unit.Unit) error) error {
	return c.Runner.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		c.runs.Add(1)
		return f(ctx, u)
	})
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

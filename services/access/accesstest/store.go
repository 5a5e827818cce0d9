package accesstest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

// Start is the time at which the suite's clock stands.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// RunStore holds a store to what access.Store promises. open gives a fresh one.
func RunStore(t *testing.T, open func(t *testing.T) (access.Store, unit.Runner)) {
	for name, promise := range map[string]func(*testing.T, access.Store, unit.Runner){
		"a ticket comes back as it was put":             ticketComesBack,
		"a ticket of another kind is not found":         kindsAreApart,
		"of parallel uses one wins":                     oneUseWins,
		"a use that is undone leaves the ticket usable": undoneUse,
		"a grant comes back and ends once":              grantEnds,
		"grants end by what they rest on":               grantsEnd,
		"parallel ends give each grant once":            endsAreApart,
		"a place is one grant's":                        placeIsTaken,
		"a list tells the places that ended":            listTells,
		"a sweep leaves the lists that are needed":      sweepLists,
		"a key is remembered until it lapses":           keyIsRemembered,
		"a sweep removes what lapsed and nothing else":  sweep,
	} {
		t.Run(name, func(t *testing.T) {
			s, units := open(t)
			promise(t, s, units)
		})
	}
}

func ticket(hash string) access.Ticket {
	return access.Ticket{Kind: access.KindCode, Hash: hash, Subject: "sub_zhang", Body: []byte(`{"a":1}`), ExpiresAt: Start.Add(time.Minute)}
}

func do(t *testing.T, units unit.Runner, f func(ctx context.Context, u unit.Unit) error) {
	t.Helper()
	if err := units.Do(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s access.Store, units unit.Runner, tickets ...access.Ticket) {
	t.Helper()
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, k := range tickets {
			if err := s.Put(ctx, u, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func ticketComesBack(t *testing.T, s access.Store, units unit.Runner) {
	want := ticket("h1")
	put(t, s, units, want)
	got, err := s.Ticket(t.Context(), access.KindCode, "h1")
	if err != nil || got.Subject != want.Subject || string(got.Body) != string(want.Body) || !got.ExpiresAt.Equal(want.ExpiresAt) || !got.UsedAt.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
}

func kindsAreApart(t *testing.T, s access.Store, units unit.Runner) {
	put(t, s, units, ticket("h1"))
	if _, err := s.Ticket(t.Context(), access.KindHandle, "h1"); fault.CodeOf(err) != "TICKET_NOT_FOUND" {
		t.Fatalf("got %v", err)
	}
}

func oneUseWins(t *testing.T, s access.Store, units unit.Runner) {
	put(t, s, units, ticket("h1"))
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				return s.Use(ctx, u, access.Use{Kind: access.KindCode, Hash: "h1", Gave: "grant_1", At: Start})
			})
			switch fault.CodeOf(err) {
			case "TICKET_USED":
				lost.Add(1)
			default:
				if err == nil {
					won.Add(1)
				}
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 19 {
		t.Fatalf("%d won, %d lost", won.Load(), lost.Load())
	}
	got, err := s.Ticket(t.Context(), access.KindCode, "h1")
	if err != nil || got.Gave != "grant_1" || !got.UsedAt.Equal(Start) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func undoneUse(t *testing.T, s access.Store, units unit.Runner) {
	put(t, s, units, ticket("h1"))
	use := func(ctx context.Context, u unit.Unit) error {
		return s.Use(ctx, u, access.Use{Kind: access.KindCode, Hash: "h1", At: Start})
	}
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		if err := use(ctx, u); err != nil {
			return err
		}
		return fault.New("test", fault.Unavailable, "TEST")
	})
	if fault.CodeOf(err) != "TEST" {
		t.Fatal(err)
	}
	do(t, units, use)
}

func grantEnds(t *testing.T, s access.Store, units unit.Runner) {
	g := access.Grant{ID: "grant_1", Subject: "sub_zhang", By: "sub_li", Mandate: "man_1", Consent: "con_1", App: "cn.gov.demo.p41", Session: "ses_1", Scope: "openid profile",
		Level: 4, GivenAt: Start, ExpiresAt: Start.Add(time.Minute)}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return s.PutGrant(ctx, u, g) })
	if got, err := s.Grant(t.Context(), "grant_1"); err != nil || got != g {
		t.Fatalf("%+v, %v", got, err)
	}
	hold := func(id string) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return s.HoldGrant(ctx, u, id) })
	}
	if err := hold("grant_1"); err != nil {
		t.Fatal(err)
	}
	if err := hold("grant_2"); fault.CodeOf(err) != "GRANT_ENDED" {
		t.Fatalf("one that never was: %v", err)
	}
	for i, at := range []time.Time{Start.Add(time.Second), Start.Add(2 * time.Second)} {
		if ended := end(t, s, units, access.Of{ID: "grant_1"}, at, 5); len(ended) != 1-i {
			t.Fatalf("the end no. %d: %+v", i+1, ended)
		}
	}
	if err := hold("grant_1"); fault.CodeOf(err) != "GRANT_ENDED" {
		t.Fatalf("an ended one is held: %v", err)
	}
	if got, err := s.Grant(t.Context(), "grant_1"); err != nil || !got.EndedAt.Equal(Start.Add(time.Second)) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.Grant(t.Context(), "grant_2"); fault.CodeOf(err) != "GRANT_NOT_FOUND" {
		t.Fatalf("got %v", err)
	}
}

func keyIsRemembered(t *testing.T, s access.Store, units unit.Runner) {
	remember := func(key string, now time.Time) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return s.Remember(ctx, u, key, now, now.Add(time.Minute))
		})
	}
	if err := remember("k1", Start); err != nil {
		t.Fatal(err)
	}
	if err := remember("k1", Start.Add(59*time.Second)); fault.CodeOf(err) != "ASSERTION_SEEN" {
		t.Fatalf("seen again: %v", err)
	}
	if err := remember("k2", Start); err != nil {
		t.Fatalf("another key: %v", err)
	}
	if err := remember("k1", Start.Add(time.Minute)); err != nil {
		t.Fatalf("after it lapsed: %v", err)
	}
}

func sweep(t *testing.T, s access.Store, units unit.Runner) {
	put(t, s, units, ticket("h1"), access.Ticket{Kind: access.KindCode, Hash: "h2", Body: []byte(`{}`), ExpiresAt: Start.Add(time.Hour)})
	for _, kind := range []access.Kind{access.KindHandle, access.KindRequest} {
		put(t, s, units,
			access.Ticket{Kind: kind, Hash: "h3", Body: []byte(`{}`), ExpiresAt: Start.Add(2 * time.Hour)},
			access.Ticket{Kind: kind, Hash: "h4", Body: []byte(`{}`), ExpiresAt: Start.Add(4 * time.Hour)})
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return s.Sweep(ctx, u, Start.Add(2*time.Minute), Start.Add(3*time.Hour))
	})
	for _, kind := range []access.Kind{access.KindHandle, access.KindRequest} {
		if _, err := s.Ticket(t.Context(), kind, "h3"); fault.CodeOf(err) != "TICKET_NOT_FOUND" {
			t.Errorf("a lapsed %s: %v", kind, err)
		}
		if _, err := s.Ticket(t.Context(), kind, "h4"); err != nil {
			t.Errorf("a living %s: %v", kind, err)
		}
	}
	if _, err := s.Ticket(t.Context(), access.KindCode, "h1"); fault.CodeOf(err) != "TICKET_NOT_FOUND" {
		t.Fatalf("the lapsed one: %v", err)
	}
	if _, err := s.Ticket(t.Context(), access.KindCode, "h2"); err != nil {
		t.Fatalf("the living one: %v", err)
	}
}

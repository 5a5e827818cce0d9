package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/ledger"
)

const (
	zhang ids.SubjectID = "sub_zhang"
	li    ids.SubjectID = "sub_li"
)

// RunStore checks that a store keeps the promises of ledger.Store. open gives
// a fresh one each time, and what opens units for it.
func RunStore(t *testing.T, open func(t *testing.T) (ledger.Store, unit.Runner)) {
	for name, f := range map[string]func(*testing.T, ledger.Store, unit.Runner){
		"AnEntryComesBackAsItWasRecorded":    entryComesBack,
		"EachSubjectHasAChainOfItsOwn":       ownChains,
		"PagesMeetWithoutGapOrRepetition":    pagesMeet,
		"WhatIsUndoneLeavesNoTrace":          undone,
		"ParallelRecordsFormOneChain":        parallel,
		"TheLinkersRefusalIsReturnedAsItIs":  linkerRefuses,
		"AnUnknownSubjectHasAnEmptyVerified": unknownSubject,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			f(t, store, units)
		})
	}
}

func entryComesBack(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store)
	e := Entry(zhang)
	e.By = "sub_daughter"
	must(t, Record(t.Context(), units, s, e))
	got := list(t, s, zhang, ledger.Page{})
	if len(got) != 1 {
		t.Fatalf("%d entries", len(got))
	}
	e.ID, e.Seq, e.At = got[0].ID, 1, Start
	if fmt.Sprint(got[0]) != fmt.Sprint(e) || e.ID == "" {
		t.Fatalf("got  %+v\nwant %+v", got[0], e)
	}
}

func ownChains(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store)
	for _, who := range []ids.SubjectID{zhang, li, zhang} {
		must(t, Record(t.Context(), units, s, Entry(who)))
	}
	if z, l := list(t, s, zhang, ledger.Page{}), list(t, s, li, ledger.Page{}); len(z) != 2 || len(l) != 1 || z[0].Seq != 2 || l[0].Seq != 1 {
		t.Fatalf("zhang %v, li %v", z, l)
	}
	must(t, s.Verify(t.Context(), zhang))
	must(t, s.Verify(t.Context(), li))
}

func pagesMeet(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store)
	for range 7 {
		must(t, Record(t.Context(), units, s, Entry(zhang)))
	}
	var seqs []int64
	p := ledger.Page{Size: 3}
	for {
		entries, next, err := s.List(t.Context(), zhang, p)
		must(t, err)
		for _, e := range entries {
			seqs = append(seqs, e.Seq)
		}
		if next == "" {
			break
		}
		p.After = next
	}
	if !slices.Equal(seqs, []int64{7, 6, 5, 4, 3, 2, 1}) {
		t.Fatalf("pages gave %v", seqs)
	}
}

func undone(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store)
	must(t, Record(t.Context(), units, s, Entry(zhang)))
	after := errors.New("the hand-over failed")
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		if err := s.Record(ctx, u, Entry(zhang)); err != nil {
			return err
		}
		return after
	})
	if !errors.Is(err, after) {
		t.Fatalf("unit gave %v", err)
	}
	if got := list(t, s, zhang, ledger.Page{}); len(got) != 1 {
		t.Fatalf("%d entries", len(got))
	}
	must(t, s.Verify(t.Context(), zhang))
}

func parallel(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store)
	const writers, each = 6, 5
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				if err := Record(t.Context(), units, s, Entry(zhang)); err != nil {
					t.Errorf("record: %v", err)
				}
			}
		})
	}
	all.Wait()
	got := list(t, s, zhang, ledger.Page{Size: 100})
	if len(got) != writers*each || got[0].Seq != writers*each {
		t.Fatalf("%d entries, newest %d", len(got), got[0].Seq)
	}
	must(t, s.Verify(t.Context(), zhang))
}

func linkerRefuses(t *testing.T, store ledger.Store, units unit.Runner) {
	refusal := fault.New("test", fault.Forbidden, "NO")
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return store.Append(ctx, u, zhang, func(ledger.Head) (ledger.Link, error) { return ledger.Link{}, refusal })
	})
	if !fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "NO" {
		t.Fatalf("got %v", err)
	}
	if head, err := store.Head(t.Context(), zhang); err != nil || head != (ledger.Head{}) {
		t.Fatalf("head %v, %v", head, err)
	}
}

func unknownSubject(t *testing.T, store ledger.Store, _ unit.Runner) {
	s, _ := New(t, store)
	if got := list(t, s, "sub_nobody", ledger.Page{}); len(got) != 0 {
		t.Fatalf("%d entries of nobody", len(got))
	}
	must(t, s.Verify(t.Context(), "sub_nobody"))
}

func list(t *testing.T, s *ledger.Service, who ids.SubjectID, p ledger.Page) []ledger.Entry {
	t.Helper()
	entries, _, err := s.List(t.Context(), who, p)
	must(t, err)
	return entries
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

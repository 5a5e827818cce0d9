package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
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
		"FiltersLetThroughWhatTheySay":       filtered,
		"SignedHeadsStayAsTheyWereSigned":    signedStay,
		"OnlyMovedChainsAreUnsigned":         unsigned,
		"KeysAreKeptOnce":                    keysKept,
		"NothingIsPrunedWithoutASignedHead":  pruneWantsHead,
		"OldFrontsEndBeforeWhatIsYounger":    oldFronts,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			f(t, store, units)
		})
	}
}

func entryComesBack(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store, units)
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
	s, _ := New(t, store, units)
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
	s, _ := New(t, store, units)
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
	s, _ := New(t, store, units)
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
	s, _ := New(t, store, units)
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

func unknownSubject(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store, units)
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

func filtered(t *testing.T, store ledger.Store, units unit.Runner) {
	now := clock.At(Start)
	s := With(t, store, units, now, NewSigner("k1"))
	change := []func(*ledger.Entry){
		func(e *ledger.Entry) { e.Receiver.ID, e.Purpose = "app.one", "核验 100% 本人_甲" },
		func(e *ledger.Entry) { e.Receiver.Kind, e.Item, e.By = ledger.Province, "item-two", "sub_daughter" },
		func(e *ledger.Entry) { e.Receiver.ID, e.Purpose = "app.three", "Check A" },
	}
	for _, f := range change {
		e := Entry(zhang)
		f(&e)
		must(t, Record(t.Context(), units, s, e))
		now.Advance(time.Hour)
	}
	must(t, Record(t.Context(), units, s, Entry(li)))
	for name, c := range map[string]struct {
		filter ledger.Filter
		want   []int64
	}{
		"none":               {ledger.Filter{}, []int64{3, 2, 1}},
		"a kind":             {ledger.Filter{Kind: ledger.App}, []int64{3, 1}},
		"a receiver":         {ledger.Filter{Receiver: "app.three"}, []int64{3}},
		"an item":            {ledger.Filter{Item: "item-two"}, []int64{2}},
		"a part of purpose":  {ledger.Filter{Purpose: "100% 本人_"}, []int64{1}},
		"no pattern":         {ledger.Filter{Purpose: "本人%甲"}, nil},
		"any one character":  {ledger.Filter{Purpose: "本人_"}, []int64{1}},
		"letters great":      {ledger.Filter{Purpose: "check a"}, []int64{3}},
		"from":               {ledger.Filter{From: Start.Add(time.Hour)}, []int64{3, 2}},
		"until":              {ledger.Filter{Until: Start.Add(time.Hour)}, []int64{1}},
		"who acted":          {ledger.Filter{By: "sub_daughter"}, []int64{2}},
		"who never acted":    {ledger.Filter{By: li}, nil},
		"two together":       {ledger.Filter{Kind: ledger.App, From: Start.Add(time.Minute)}, []int64{3}},
		"that fit nothing":   {ledger.Filter{Kind: ledger.Verifier}, nil},
		"another's receiver": {ledger.Filter{Receiver: Entry(li).Receiver.ID, Kind: ledger.App}, nil},
	} {
		var seqs []int64
		for p := (ledger.Page{Size: 1, Filter: c.filter}); ; {
			list, next, err := s.List(t.Context(), zhang, p)
			must(t, err)
			for _, e := range list {
				seqs = append(seqs, e.Seq)
			}
			if p.After = next; next == "" {
				break
			}
		}
		if !slices.Equal(seqs, c.want) {
			t.Errorf("%s: %v, want %v", name, seqs, c.want)
		}
	}
}

func signedStay(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store, units)
	for range 3 {
		must(t, Record(t.Context(), units, s, Entry(zhang)))
	}
	sign := func(h ledger.SignedHead) {
		must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return store.Sign(ctx, u, zhang, h) }))
	}
	one := ledger.SignedHead{Seq: 1, Link: "l", Digest: "d", JWS: "j", At: Start}
	three := ledger.SignedHead{Seq: 3, Link: "l3", Digest: "d3", JWS: "j3", At: Start.Add(time.Hour)}
	sign(three)
	sign(one)
	sign(ledger.SignedHead{Seq: 1, Link: "other", Digest: "other", JWS: "other", At: Start})
	list, err := store.Signed(t.Context(), zhang, 1, 10)
	if must(t, err); !slices.Equal(list, []ledger.SignedHead{one, three}) {
		t.Fatalf("%+v", list)
	}
	if list, err = store.Signed(t.Context(), zhang, 2, 10); err != nil || !slices.Equal(list, []ledger.SignedHead{three}) {
		t.Fatalf("from 2: %+v, %v", list, err)
	}
	for seq, want := range map[int64]ledger.SignedHead{0: {}, 1: one, 2: one, 3: three, 9: three} {
		if got, err := store.SignedUpTo(t.Context(), zhang, seq); err != nil || got != want {
			t.Errorf("up to %d: %+v, %v", seq, got, err)
		}
	}
	if got, err := store.SignedUpTo(t.Context(), li, 9); err != nil || got != (ledger.SignedHead{}) {
		t.Errorf("another's: %+v, %v", got, err)
	}
}

func unsigned(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store, units)
	want := func(want ...ids.SubjectID) {
		t.Helper()
		var got []ids.SubjectID
		for after := ids.SubjectID(""); ; {
			list, err := store.Unsigned(t.Context(), after, 1)
			must(t, err)
			if len(list) == 0 {
				break
			}
			got = append(got, list...)
			after = list[0]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	want()
	must(t, Record(t.Context(), units, s, Entry(zhang)))
	must(t, Record(t.Context(), units, s, Entry(li)))
	want(li, zhang)
	must(t, s.SignHeads(t.Context()))
	want()
	must(t, Record(t.Context(), units, s, Entry(zhang)))
	want(zhang)
}

func keysKept(t *testing.T, store ledger.Store, units unit.Runner) {
	first := ledger.SigningKey{ID: "k1", JWK: "jwk", Mac: "mac", Since: Start}
	second := ledger.SigningKey{ID: "k0", JWK: "jwk", Mac: "mac", Since: Start.Add(time.Hour)}
	for _, k := range []ledger.SigningKey{first, second, {ID: "k1", JWK: "other", Mac: "other", Since: Start.Add(time.Hour)}} {
		must(t, units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error { return store.AddKey(ctx, u, k) }))
	}
	if got, err := store.Keys(t.Context()); err != nil || !slices.Equal(got, []ledger.SigningKey{first, second}) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func pruneWantsHead(t *testing.T, store ledger.Store, units unit.Runner) {
	s, _ := New(t, store, units)
	must(t, Record(t.Context(), units, s, Entry(zhang)))
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := store.Prune(ctx, u, ledger.Front{Subject: zhang, Seq: 1})
		return err
	})
	if err == nil || len(list(t, s, zhang, ledger.Page{})) != 1 {
		t.Fatalf("pruned: %v", err)
	}
}

func oldFronts(t *testing.T, store ledger.Store, units unit.Runner) {
	now := clock.At(Start)
	s := With(t, store, units, now, NewSigner("k1"))
	for range 3 {
		must(t, Record(t.Context(), units, s, Entry(zhang)))
		now.Advance(time.Hour)
	}
	must(t, Record(t.Context(), units, s, Entry(li)))
	for before, want := range map[time.Time][]ledger.Front{
		Start:                    nil,
		Start.Add(time.Minute):   {{Subject: zhang, Seq: 1}},
		Start.Add(2 * time.Hour): {{Subject: zhang, Seq: 2}},
		Start.Add(9 * time.Hour): {{Subject: li, Seq: 1}, {Subject: zhang, Seq: 3}},
	} {
		if got, err := store.Old(t.Context(), before, "", 10); err != nil || !slices.Equal(got, want) {
			t.Errorf("before %v: %v, %v", before, got, err)
		}
	}
	if got, err := store.Old(t.Context(), Start.Add(9*time.Hour), li, 10); err != nil || len(got) != 1 {
		t.Errorf("after li: %v, %v", got, err)
	}
}

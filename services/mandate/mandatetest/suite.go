package mandatetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
)

// RunStore checks that a store keeps the promises of mandate.Store. open gives
// a fresh one each time, and what opens units for it.
func RunStore(t *testing.T, open func(t *testing.T) (mandate.Store, unit.Runner)) {
	for name, f := range map[string]func(*testing.T, *World){
		"AMandateComesBackAsItWasStored":  comesBack,
		"ACodeFindsItsOfferAloneAndOnce":  codeOnce,
		"WhatIsOverIsNotGiven":            overIsNotGiven,
		"TheListGoesFromTheNewestDown":    listed,
		"EldersAreCountedOnceEach":        counted,
		"TriesAreKeptUntilSwept":          tries,
		"OfParallelTakersOneWins":         parallelTakers,
		"ParallelOffersLeaveOneOpen":      parallelOffers,
		"ParallelGuessesAreStoppedAtFive": parallelGuesses,
		"AnEndAndAConfirmationBothHold":   endAndConfirm,
		"ALapseIsToldOnce":                lapsedOnce,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			f(t, New(t, store, units))
		})
	}
}

func sample(id ids.MandateID, principal, delegate ids.SubjectID) mandate.Mandate {
	return mandate.Mandate{
		ID: id, Principal: principal, Delegate: delegate, Kind: mandate.Family, Scopes: "matter:* space", MadeBy: "sub_boss", Elder: true,
		Until: Start.Add(1000 * time.Hour), OfferedAt: Start, AcceptedAt: Start.Add(time.Minute), ConfirmedAt: Start.Add(2 * time.Minute),
	}
}

func (w *World) do(t *testing.T, f func(ctx context.Context, u unit.Unit) error) {
	t.Helper()
	must(t, w.Units.Do(t.Context(), f))
}

func (w *World) create(t *testing.T, m mandate.Mandate, code string) {
	t.Helper()
	w.do(t, func(ctx context.Context, u unit.Unit) error { return w.Store.Create(ctx, u, m, code) })
}

func comesBack(t *testing.T, w *World) {
	want := sample("man_1", Mother, Daughter)
	w.create(t, want, "hash")
	w.create(t, sample("man_2", "sub_x", "sub_y"), "other")
	check := func(step string) {
		t.Helper()
		if got, err := w.Store.Mandate(t.Context(), "man_1"); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %+v, %v", step, got, err)
		}
	}
	check("created")
	w.do(t, func(ctx context.Context, u unit.Unit) error {
		if got, err := w.Store.Lock(ctx, u, "man_1"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("locked: %+v, %v", got, err)
		}
		want.Delegate, want.MadeBy, want.Elder, want.EndedAt, want.EndedBy = "sub_z", "", false, Start.Add(time.Hour), mandate.Delegate
		want.LapseTold = true
		want.AcceptedAt, want.ConfirmedAt = Start.Add(time.Second), Start.Add(2*time.Second)
		return w.Store.Save(ctx, u, want)
	})
	check("saved")
	if _, err := w.Store.Mandate(t.Context(), "man_9"); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "MANDATE_NOT_FOUND" {
		t.Fatalf("none: %v", err)
	}
}

func codeOnce(t *testing.T, w *World) {
	m := mandate.Mandate{ID: "man_1", Principal: Mother, Kind: mandate.Family, Scopes: "space", Until: Start.Add(time.Hour), OfferedAt: Start}
	w.create(t, m, "hash")
	locked := func(code string) (got mandate.Mandate, err error) {
		w.do(t, func(ctx context.Context, u unit.Unit) error { got, err = w.Store.LockByCode(ctx, u, code); return nil })
		return got, err
	}
	if got, err := locked("hash"); err != nil || !reflect.DeepEqual(got, m) {
		t.Fatalf("%+v, %v", got, err)
	}
	m.Delegate, m.AcceptedAt = Daughter, Start
	w.do(t, func(ctx context.Context, u unit.Unit) error { return w.Store.Save(ctx, u, m) })
	for _, code := range []string{"hash", "other", ""} {
		if _, err := locked(code); fault.CodeOf(err) != "MANDATE_NOT_FOUND" {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func overIsNotGiven(t *testing.T, w *World) {
	at := func(id ids.MandateID, change func(*mandate.Mandate)) {
		m := sample(id, Mother, Daughter)
		change(&m)
		w.create(t, m, string(id))
	}
	at("stands", func(*mandate.Mandate) {})
	at("ended", func(m *mandate.Mandate) { m.EndedAt = Start })
	at("lapsed", func(m *mandate.Mandate) { m.Until = Start.Add(time.Hour) })
	at("accepted", func(m *mandate.Mandate) { m.ConfirmedAt = time.Time{} })
	at("offered", func(m *mandate.Mandate) { m.ConfirmedAt, m.AcceptedAt, m.Delegate = time.Time{}, time.Time{}, "" })
	w.create(t, sample("another", "sub_x", Mother), "another")
	for now, want := range map[time.Duration][]ids.MandateID{
		5 * time.Minute:  {"accepted", "lapsed", "offered", "stands"},
		10 * time.Minute: {"accepted", "lapsed", "stands"},
		time.Hour:        {"accepted", "stands"},
		25 * time.Hour:   {"stands"},
	} {
		w.do(t, func(ctx context.Context, u unit.Unit) error {
			got, err := w.Store.Given(ctx, u, Mother, Start.Add(now))
			if given := idsOf(got); err != nil || !slices.Equal(given, want) {
				t.Errorf("after %s: %v, %v", now, given, err)
			}
			return nil
		})
		open, err := w.Store.Open(t.Context(), Mother, Start.Add(now), 10)
		either := slices.Sorted(slices.Values(append([]ids.MandateID{"another"}, want...)))
		if all := idsOf(open); err != nil || !slices.Equal(all, either) {
			t.Errorf("open after %s: %v, %v", now, all, err)
		}
	}
}

func idsOf(list []mandate.Mandate) []ids.MandateID {
	out := []ids.MandateID{}
	for _, m := range list {
		out = append(out, m.ID)
	}
	slices.Sort(out)
	return out
}

func listed(t *testing.T, w *World) {
	for i, id := range []ids.MandateID{"man_1", "man_3", "man_2", "man_4"} {
		m := sample(id, Mother, Daughter)
		m.OfferedAt = Start.Add(time.Duration(i/3) * time.Minute) // three at one time, one later
		w.create(t, m, string(id))
	}
	w.create(t, sample("man_x", "sub_x", "sub_y"), "x")
	for side, who := range map[mandate.Side]ids.SubjectID{mandate.Principal: Mother, mandate.Delegate: Daughter} {
		var got []ids.MandateID
		p := mandate.Page{Size: 1}
		for {
			list, next, err := w.List(t.Context(), Self(who), side, p)
			must(t, err)
			for _, m := range list {
				got = append(got, m.ID)
			}
			if next == "" {
				break
			}
			p.After = next
		}
		if !slices.Equal(got, []ids.MandateID{"man_4", "man_3", "man_2", "man_1"}) {
			t.Errorf("%s: %v", side, got)
		}
	}
	if list, err := w.Store.List(t.Context(), "", mandate.Delegate, mandate.Mark{}, 9); err != nil || len(list) != 0 {
		t.Errorf("nobody's: %d, %v", len(list), err)
	}
}

func counted(t *testing.T, w *World) {
	for i := range 7 {
		m := sample(ids.MandateID(fmt.Sprint("man_", i)), ids.SubjectID(fmt.Sprint("sub_elder_", i%6)), Agent) // one gave two
		w.create(t, m, fmt.Sprint("code ", i))
	}
	for name, change := range map[string]func(*mandate.Mandate){
		"young":   func(m *mandate.Mandate) { m.Elder = false },
		"ended":   func(m *mandate.Mandate) { m.EndedAt = Start },
		"lapsed":  func(m *mandate.Mandate) { m.Until = Start.Add(time.Hour) },
		"waiting": func(m *mandate.Mandate) { m.ConfirmedAt = time.Time{} },
	} {
		m := sample(ids.MandateID(name), ids.SubjectID("sub_"+name), Agent)
		change(&m)
		w.create(t, m, name)
	}
	now := Start.Add(2 * time.Hour)
	for but, want := range map[ids.SubjectID]mandate.Burden{"": {Principals: 7, Elders: 6}, "sub_elder_0": {Principals: 6, Elders: 5}} {
		if got, err := w.Store.ActsFor(t.Context(), Agent, but, now); err != nil || got != want {
			t.Errorf("but %q: %+v, %v", but, got, err)
		}
	}
	for most, want := range map[int][]mandate.Flag{5: {{Delegate: Agent, Elders: 6}}, 6: nil} {
		if got, err := w.Store.Flagged(t.Context(), most, now, 9); err != nil || !slices.Equal(got, want) {
			t.Errorf("more than %d: %v, %v", most, got, err)
		}
	}
}

func tries(t *testing.T, w *World) {
	at := []time.Time{Start, Start, Start.Add(time.Minute)}
	for _, moment := range at {
		w.do(t, func(ctx context.Context, u unit.Unit) error { return w.Store.Tried(ctx, u, Daughter, moment) })
	}
	seen := func(who ids.SubjectID, since time.Time) (got []time.Time) {
		w.do(t, func(ctx context.Context, u unit.Unit) error {
			var err error
			got, err = w.Store.Tries(ctx, u, who, since)
			return err
		})
		return got
	}
	if got := seen(Daughter, Start.Add(-1)); !slices.EqualFunc(got, at, time.Time.Equal) {
		t.Fatalf("%v", got)
	}
	if len(seen(Daughter, Start)) != 1 || len(seen(Mother, Start.Add(-1))) != 0 {
		t.Fatal("too many")
	}
	w.do(t, func(ctx context.Context, u unit.Unit) error { return w.Store.Sweep(ctx, u, Start.Add(time.Second)) })
	if len(seen(Daughter, Start.Add(-1))) != 1 {
		t.Fatal("not swept, or too much")
	}
}

func parallelTakers(t *testing.T, w *World) {
	offer := w.Offered(t, Mother, Terms())
	var won, lost atomic.Int32
	var all sync.WaitGroup
	var takers []ids.SubjectID
	for i := range 8 { // all are known before the first of them asks
		takers = append(takers, ids.SubjectID(fmt.Sprint("sub_taker_", i)))
		w.Accounts.Add(takers[i], "19800101")
	}
	for _, who := range takers {
		all.Go(func() {
			switch _, err := w.Accept(t.Context(), Self(who), offer.Code); {
			case err == nil:
				won.Add(1)
			case fault.CodeOf(err) == "MANDATE_CODE_UNKNOWN":
				lost.Add(1)
			default:
				t.Errorf("accept: %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 7 {
		t.Fatalf("%d took it, %d did not", won.Load(), lost.Load())
	}
}

func parallelOffers(t *testing.T, w *World) {
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := w.Offer(t.Context(), Self(Mother), Terms()); err != nil {
				t.Errorf("offer: %v", err)
			}
		})
	}
	all.Wait()
	if open, err := w.Store.Open(t.Context(), Mother, Start, 10); err != nil || len(open) != 1 {
		t.Fatalf("%d are open, %v", len(open), err)
	}
}

func parallelGuesses(t *testing.T, w *World) {
	var unknown, stopped atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			switch _, err := w.Accept(t.Context(), Self(Daughter), "000000000000"); {
			case fault.CodeOf(err) == "MANDATE_CODE_UNKNOWN":
				unknown.Add(1)
			case fault.CodeOf(err) == "MANDATE_CODE_TRIES":
				stopped.Add(1)
			default:
				t.Errorf("accept: %v", err)
			}
		})
	}
	all.Wait()
	if unknown.Load() != mandate.MostTries || stopped.Load() != 12-mandate.MostTries {
		t.Fatalf("%d were looked up, %d stopped", unknown.Load(), stopped.Load())
	}
}

// Whichever comes first, an ended mandate does not stand.
func endAndConfirm(t *testing.T, w *World) {
	offer := w.Offered(t, Mother, Terms())
	if _, err := w.Accept(t.Context(), Self(Daughter), offer.Code); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := w.Confirm(t.Context(), Self(Mother), offer.Mandate.ID); err != nil && fault.CodeOf(err) != "MANDATE_NOT_ACCEPTED" {
			t.Errorf("confirm: %v", err)
		}
	})
	all.Go(func() {
		if _, err := w.End(t.Context(), Self(Daughter), offer.Mandate.ID); err != nil {
			t.Errorf("end: %v", err)
		}
	})
	all.Wait()
	if _, err := w.Standing(t.Context(), offer.Mandate.ID, Daughter); fault.CodeOf(err) != "MANDATE_ENDED" {
		t.Fatalf("it stands: %v", err)
	}
}

// Two processes tell of what lapsed; of each mandate one does, and only of those
// that stood to their end.
func lapsedOnce(t *testing.T, w *World) {
	const lapsed = 250 // more than two units of them
	at := func(id string, change func(*mandate.Mandate)) {
		m := sample(ids.MandateID(id), ids.SubjectID("sub_of_"+id), Daughter)
		m.Until = Start.Add(time.Hour)
		change(&m)
		w.create(t, m, id)
	}
	for i := range lapsed {
		at(fmt.Sprint("man_", i), func(*mandate.Mandate) {})
	}
	at("stands", func(m *mandate.Mandate) { m.Until = Start.Add(2*time.Hour + time.Microsecond) })
	at("ended", func(m *mandate.Mandate) { m.EndedAt = Start })
	at("unconfirmed", func(m *mandate.Mandate) { m.ConfirmedAt = time.Time{} })
	at("told", func(m *mandate.Mandate) { m.LapseTold = true })
	w.Clock.Advance(2 * time.Hour)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := w.Lapse(context.Background()); err != nil {
				t.Errorf("lapse: %v", err)
			}
		})
	}
	all.Wait()
	told := map[ids.MandateID]int{}
	for _, e := range w.Outbox.Events() {
		over := e.(mandate.Over)
		if told[over.Mandate]++; over.State != mandate.Lapsed || over.By != "" || over.Delegate != Daughter || over.MadeBy != "sub_boss" || over.Principal != ids.SubjectID("sub_of_"+string(over.Mandate)) {
			t.Errorf("%+v", over)
		}
	}
	for _, not := range []ids.MandateID{"stands", "ended", "unconfirmed", "told"} {
		if told[not] > 0 {
			t.Errorf("of one that is %s was told", not)
		}
	}
	if len(told) != lapsed || len(w.Outbox.Events()) != lapsed {
		t.Errorf("%d told, in %d events; %d lapsed", len(told), len(w.Outbox.Events()), lapsed)
	}
	if m, err := w.Store.Mandate(t.Context(), "man_0"); err != nil || m.State(w.Clock.Now()) != mandate.Lapsed {
		t.Errorf("%+v %v", m, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

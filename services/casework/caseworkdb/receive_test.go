package caseworkdb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworktest"
)

// demand: D59
func TestAMoveChangesTheCaseAndIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		e := caseworktest.Event(c.ID, "e1", 1, casework.Correction)
		for range 3 {
			if err := w.Receive(t.Context(), henan, e); err != nil {
				t.Fatal(err)
			}
		}
		got := w.state(t, c.ID)
		if got.State != casework.Correction || got.Note != e.Note || got.ReviewPoint != e.ReviewPoint || len(got.Events) != 1 {
			t.Errorf("case %+v", got)
		}
		if told := w.told.Moves(c.ID); !slices.Equal(told, []casework.State{casework.Correction}) {
			t.Errorf("told %v", told)
		}
	})
}

// A province's events are believed of its own cases only, and nobody else
// learns that the case exists.
func TestOnlyTheCasesOwnAppMayMoveIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		err := w.Receive(t.Context(), shanghai, caseworktest.Event(c.ID, "e1", 1, casework.Done))
		wantCode(t, err, fault.Private, "CASE_UNKNOWN")
		err = w.Receive(t.Context(), henan, caseworktest.Event("TB0", "e1", 1, casework.Done))
		wantCode(t, err, fault.Private, "CASE_UNKNOWN")
		if got := w.state(t, c.ID); got.State != casework.Submitted || len(got.Events) != 0 {
			t.Errorf("case %+v", got)
		}
	})
}

// demand: D25
func TestACorrectionOrRefusalCitesAReviewPoint(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		for _, s := range []casework.State{casework.Correction, casework.Refused} {
			e := caseworktest.Event(c.ID, "e1", 1, s)
			e.ReviewPoint = ""
			wantCode(t, w.Receive(t.Context(), henan, e), fault.Invalid, "REVIEW_POINT_MISSING")
		}
		if got := w.state(t, c.ID).State; got != casework.Submitted {
			t.Errorf("state %s", got)
		}
	})
}

func TestAMalformedEventIsRefused(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	c := w.submit(t, "key-1")
	for part, change := range map[string]func(*casework.Event){
		"jti":          func(e *casework.Event) { e.ID = "" },
		"seq":          func(e *casework.Event) { e.Seq = 0 },
		"state":        func(e *casework.Event) { e.State = casework.Submitted },
		"note":         func(e *casework.Event) { e.Note = strings.Repeat("长", 1001) },
		"review_point": func(e *casework.Event) { e.ReviewPoint = "a\x00b" },
	} {
		e := caseworktest.Event(c.ID, "e1", 1, casework.Received)
		change(&e)
		if err := w.Receive(t.Context(), henan, e); fault.CodeOf(err) != "CASE_EVENT_MALFORMED" {
			t.Errorf("%s: %v", part, err)
		}
	}
}

func TestAClosedCaseDoesNotMove(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		done := caseworktest.Event(c.ID, "e1", 1, casework.Done)
		if err := w.Receive(t.Context(), henan, done); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "e2", 2, casework.Accepted)), fault.Conflict, "CASE_CLOSED")
		if err := w.Receive(t.Context(), henan, done); err != nil {
			t.Errorf("the last event again: %v", err)
		}
		if got := w.state(t, c.ID); got.State != casework.Done || len(got.Events) != 1 {
			t.Errorf("case %+v", got)
		}
	})
}

// Whatever the network does to a province's events, the case ends where the
// province left it, and no move is told twice or after a later one.
func TestEventsInAnyOrderEndInOneState(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, rooms...))
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		c := w.submit(t, fmt.Sprintf("key-%d", run))
		events := eventList(r, c.ID)
		sent := slices.Clone(events)
		for range rapid.IntRange(0, 4).Draw(r, "duplicates") {
			sent = append(sent, rapid.SampledFrom(events).Draw(r, "twice"))
		}
		for _, e := range rapid.Permutation(sent).Draw(r, "order") {
			if err := w.Receive(t.Context(), henan, e); err != nil {
				r.Fatalf("receive: %v", err)
			}
		}
		got, last := w.state(t, c.ID), events[len(events)-1]
		if got.State != last.State || got.Seq != last.Seq || got.Note != last.Note || len(got.Events) != len(events) {
			r.Fatalf("ended in %s (%d) with %d events, want %s (%d) with %d", got.State, got.Seq, len(got.Events), last.State, last.Seq, len(events))
		}
		checkTold(r, w.told.Moves(c.ID), got)
	})
}

// eventList draws a list as an honest province sends it: numbered, each once,
// nothing after the end.
func eventList(r *rapid.T, id ids.CaseID) []casework.Event {
	n := rapid.IntRange(1, 5).Draw(r, "events")
	events := make([]casework.Event, 0, n)
	for i := range n {
		state := rapid.SampledFrom([]casework.State{casework.Received, casework.Accepted, casework.Correction}).Draw(r, "state")
		if i == n-1 {
			state = rapid.SampledFrom([]casework.State{casework.Accepted, casework.Done, casework.Refused}).Draw(r, "last")
		}
		events = append(events, caseworktest.Event(id, ids.EventID(fmt.Sprintf("e%d", i+1)), int64(i+1), state))
	}
	return events
}

// checkTold holds what was told against the events marked so: each once, the
// last one always, and a skipped one never.
func checkTold(r *rapid.T, told []casework.State, c casework.Case) {
	var marked []casework.State
	for _, e := range c.Events { // by Seq: told ones came in this order
		if e.Told {
			marked = append(marked, e.State)
		}
	}
	if !slices.Equal(told, marked) {
		r.Fatalf("told %v, marked %v", told, marked)
	}
	if len(told) == 0 || told[len(told)-1] != c.State {
		r.Fatalf("the last told of %v is not %s", told, c.State)
	}
}

func TestACaseKeepsSoManyEventsAndStillEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.submit(t, "key-1")
		for i := range casework.MaxEvents {
			if err := w.Receive(t.Context(), henan, caseworktest.Event(c.ID, ids.EventID(fmt.Sprint("e", i)), int64(i+1), casework.Accepted)); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "late", 1, casework.Received)), fault.Conflict, "CASE_EVENTS_TOO_MANY")
		wantCode(t, w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "more", 1000, casework.Accepted)), fault.Conflict, "CASE_EVENTS_TOO_MANY")
		if err := w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "e3", 4, casework.Accepted)); err != nil {
			t.Errorf("one that was seen: %v", err)
		}
		if err := w.Receive(t.Context(), henan, caseworktest.Event(c.ID, "end", 1001, casework.Done)); err != nil {
			t.Errorf("the end: %v", err)
		}
		if got := w.state(t, c.ID); got.State != casework.Done || len(got.Events) != casework.MaxEvents+1 {
			t.Errorf("%s, %d events", got.State, len(got.Events))
		}
	})
}

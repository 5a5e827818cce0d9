package province_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
)

// gate answers honestly once it is opened, and tells of each call.
type gate struct {
	asked chan struct{}
	open  chan struct{}
}

func newGate() gate { return gate{asked: make(chan struct{}, 256), open: make(chan struct{})} }

func (g gate) answer(w http.ResponseWriter, r *http.Request) {
	g.asked <- struct{}{}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	select {
	case <-g.open:
		honest("1")(w, r)
	case <-r.Context().Done():
	}
}

func TestAHundredReadsAreOneCall(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	app := w.plug(t, "cn.gov.test.p41", g.answer)
	asks := make([]province.Ask, 100)
	for i := range asks {
		asks[i] = ask(app, zhang)
	}
	go func() { <-g.asked; close(g.open) }()
	for i, r := range w.ReadAll(t.Context(), asks) {
		if headline(r) != "1" { // live, or cached for those who came after the flight
			t.Fatalf("%d: %+v", i, r)
		}
	}
	if len(g.asked) != 0 {
		t.Fatalf("%d more calls", len(g.asked))
	}
}

func TestALeaderThatLeavesDoesNotFailItsFollowers(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	app := w.plug(t, "cn.gov.test.p41", g.answer)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan province.Reading)
	go func() { left <- w.Read(ctx, ask(app, zhang)) }()
	<-g.asked
	follower := make(chan province.Reading)
	go func() { follower <- w.Read(t.Context(), ask(app, zhang)) }()
	cancel()
	if r := <-left; r.Freshness != province.Unavailable || r.Reason != province.ReasonTimeout {
		t.Fatalf("leader: %+v", r)
	}
	close(g.open)
	if r := <-follower; r.Freshness == province.Unavailable || len(g.asked) != 0 {
		t.Fatalf("follower: %+v, calls %d", r, len(g.asked))
	}
}

func TestAFollowerLeavesAtItsOwnDeadline(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	defer close(g.open)
	app := w.plug(t, "cn.gov.test.p41", g.answer)
	go w.Read(t.Context(), ask(app, zhang))
	<-g.asked
	hasty := ask(app, zhang)
	hasty.Deadline = 20 * time.Millisecond
	if r := w.Read(t.Context(), hasty); r.Reason != province.ReasonTimeout {
		t.Fatalf("%+v", r)
	}
}

func TestAFlightFromBeforeAChangeIsNotUsed(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	app := w.plug(t, "cn.gov.test.p41", g.answer)
	first := make(chan province.Reading)
	go func() { first <- w.Read(t.Context(), ask(app, zhang)) }()
	<-g.asked
	w.changes.move(changes.Subject(zhang.Subject))
	readings := make(chan []province.Reading)
	go func() { readings <- w.ReadAll(t.Context(), []province.Ask{ask(app, zhang)}) }()
	close(g.open)
	<-first
	if r := (<-readings)[0]; r.Freshness != province.Live {
		t.Fatalf("%+v", r)
	}
	<-g.asked // the second one asked for itself
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	app := w.plug(t, "cn.gov.test.p41", g.answer)
	got := make(chan province.Reading)
	go func() { got <- w.Read(t.Context(), ask(app, zhang)) }()
	<-g.asked
	w.Close()
	if r := <-got; r.Freshness != province.Unavailable {
		t.Fatalf("%+v", r)
	}
}

// Each subject's record holds its own name: whoever sees another's has found a leak.

func canary(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 256)
	n, _ := r.Body.Read(body)
	id := string(body[len(`{"id_number":"`) : n-2])
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"sfzh":%q,"balance":%q,"state":"x"}`, id, "of "+id)
}

func someone(i int) province.Person {
	return province.Person{Subject: ids.SubjectID(fmt.Sprintf("sub_%d", i)), IDNumber: fmt.Sprintf("id-%04d", i)}
}

func TestNobodyEverGetsAnothersValue(t *testing.T) {
	w := newWorld(t)
	apps := []ids.AppID{w.plug(t, "cn.gov.test.a", canary), w.plug(t, "cn.gov.test.b", canary)}
	var wrong, values atomic.Int64
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 150 {
				p := someone((i*7 + worker) % 20)
				a := ask(apps[i%2], p)
				if i%5 == 0 {
					a.Fresh = 0
				}
				r := w.Read(t.Context(), a)
				if r.Value != nil {
					values.Add(1)
					if headline(r) != "of "+p.IDNumber {
						wrong.Add(1)
					}
				}
				if i%31 == 0 {
					w.clock.Advance(4 * time.Minute)
					w.changes.move(changes.Subject(p.Subject))
				}
			}
		})
	}
	group.Wait()
	if wrong.Load() != 0 || values.Load() == 0 {
		t.Fatalf("%d of %d values were another's", wrong.Load(), values.Load())
	}
}

func TestAValueIsItsAskersInAnyOrderOfEvents(t *testing.T) {
	w := newWorld(t)
	app := w.plug(t, "cn.gov.test.a", canary)
	rapid.Check(t, func(rt *rapid.T) {
		moved := map[ids.SubjectID]time.Time{}
		rt.Repeat(map[string]func(*rapid.T){
			"read": func(rt *rapid.T) {
				p := someone(rapid.IntRange(0, 3).Draw(rt, "who"))
				r := w.Read(t.Context(), ask(app, p))
				if headline(r) != "of "+p.IDNumber {
					rt.Fatalf("%s got %v", p.Subject, headline(r))
				}
				if at, ok := moved[p.Subject]; ok && r.AsOf.Before(at) {
					rt.Fatalf("a value of %v was given after a change at %v", r.AsOf, at)
				}
			},
			"pass": func(rt *rapid.T) { w.clock.Advance(time.Duration(rapid.IntRange(1, 400).Draw(rt, "s")) * time.Second) },
			"revoke": func(rt *rapid.T) {
				s := someone(rapid.IntRange(0, 3).Draw(rt, "who")).Subject
				w.clock.Advance(time.Microsecond)
				moved[s] = w.clock.Now()
				w.changes.move(changes.Subject(s))
			},
		})
	})
}

func TestAHungCallIsLetGoAtItsDeadline(t *testing.T) {
	w := newWorld(t)
	gone := make(chan struct{})
	app := w.plug(t, "cn.gov.test.bad", func(rw http.ResponseWriter, r *http.Request) {
		hang(rw, r)
		close(gone)
	})
	a := ask(app, zhang)
	a.Deadline = 50 * time.Millisecond
	w.Read(t.Context(), a)
	select {
	case <-gone:
	case <-time.After(3 * time.Second):
		t.Fatal("the call went on without anybody waiting")
	}
}

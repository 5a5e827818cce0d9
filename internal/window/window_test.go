package window_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/standin"
	"github.com/tongban/tongban/internal/window"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func client(t *testing.T, addr string) redis.UniversalClient {
	t.Helper()
	c, err := limit.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func first(t *testing.T, w window.Window, key string, until time.Time) bool {
	t.Helper()
	ok, err := w.First(t.Context(), key, until)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// each runs a promise on each kind of memory; move lets time pass for it.
func each(t *testing.T, f func(t *testing.T, w window.Window, now func() time.Time, move func(time.Duration))) {
	t.Run("local", func(t *testing.T) {
		c := clock.At(start)
		f(t, window.NewLocal(c), c.Now, c.Advance)
	})
	t.Run("redis", func(t *testing.T) {
		m, c := miniredis.RunT(t), clock.At(start)
		f(t, window.NewRedis(client(t, m.Addr()), c), c.Now, func(d time.Duration) {
			c.Advance(d)
			m.FastForward(d)
		})
	})
	t.Run("both", func(t *testing.T) {
		m, c := miniredis.RunT(t), clock.At(start)
		f(t, window.NewFallback(window.NewRedis(client(t, m.Addr()), c), window.NewLocal(c), c, nil), c.Now, func(d time.Duration) {
			c.Advance(d)
			m.FastForward(d)
		})
	})
}

func TestAKeyIsFirstOnceUntilItsTime(t *testing.T) {
	each(t, func(t *testing.T, w window.Window, now func() time.Time, move func(time.Duration)) {
		until := now().Add(61 * time.Second)
		if !first(t, w, "a", until) || first(t, w, "a", until) {
			t.Fatal("a key was first twice, or never")
		}
		if !first(t, w, "b", until) {
			t.Fatal("another key was taken for this one")
		}
		move(60 * time.Second)
		if first(t, w, "a", until) {
			t.Fatal("forgotten before its time")
		}
		move(3 * time.Second)
		if !first(t, w, "a", now().Add(time.Minute)) {
			t.Fatal("never forgotten")
		}
	})
}

func TestOfManyAtOnceOneIsFirst(t *testing.T) {
	each(t, func(t *testing.T, w window.Window, now func() time.Time, _ func(time.Duration)) {
		var won atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if ok, err := w.First(t.Context(), "a", now().Add(time.Minute)); ok && err == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d were first", won.Load())
		}
	})
}

func TestWhatHasPassedMakesRoom(t *testing.T) {
	c := clock.At(start)
	l := window.Small(c, 64*1000)
	for i := range 30_000 {
		first(t, l, fmt.Sprint("old", i), c.Now().Add(time.Minute))
	}
	c.Advance(2 * time.Minute)
	for i := range 30_000 {
		first(t, l, fmt.Sprint("new", i), c.Now().Add(time.Minute))
	}
	if n := l.Len(); n < 30_000 || n > 45_000 {
		t.Fatalf("%d keys kept", n)
	}
}

// A full window refuses whom it does not know; it forgets nobody before their
// time.
func TestAFullWindowForgetsNothing(t *testing.T) {
	c := clock.At(start)
	l := window.Small(c, 640)
	var kept []string
	full := 0
	for i := range 2000 {
		key := fmt.Sprint("k", i)
		switch ok, err := l.First(t.Context(), key, c.Now().Add(time.Minute)); {
		case fault.CodeOf(err) == "WINDOW_FULL" && fault.Is(err, fault.Unavailable):
			full++
		case err == nil && ok:
			kept = append(kept, key)
		default:
			t.Fatal(ok, err)
		}
	}
	if full != 2000-640 || l.Len() != 640 {
		t.Fatalf("%d refused, %d kept", full, l.Len())
	}
	for _, key := range kept {
		if first(t, l, key, c.Now().Add(time.Minute)) {
			t.Fatalf("%s was forgotten", key)
		}
	}
	c.Advance(2 * time.Minute)
	if !first(t, l, "later", c.Now().Add(time.Minute)) {
		t.Fatal("no room after all had passed")
	}
}

// flaky is a shared memory that can be lost.
type flaky struct {
	window.Window
	lost atomic.Bool
}

func (f *flaky) First(ctx context.Context, key string, until time.Time) (bool, error) {
	if f.lost.Load() {
		return false, fault.New("test", fault.Unavailable, "WINDOW_UNAVAILABLE")
	}
	return f.Window.First(ctx, key, until)
}

func TestALostRedisOpensNoProcessToWhatItSaw(t *testing.T) {
	c := clock.At(start)
	shared := &flaky{Window: window.NewLocal(c)}
	states := make(chan standin.State, 4)
	here := window.NewFallback(shared, window.NewLocal(c), c, func(s standin.State) { states <- s })
	there := window.NewFallback(shared, window.NewLocal(c), c, nil)
	until := c.Now().Add(time.Minute)
	if !first(t, here, "a", until) || first(t, there, "a", until) {
		t.Fatal("the memory is not shared")
	}
	shared.lost.Store(true)
	if first(t, here, "a", until) {
		t.Fatal("the process forgot what it saw itself")
	}
	for i := range 5 {
		if !first(t, here, fmt.Sprint("b", i), until) || first(t, here, fmt.Sprint("b", i), until) {
			t.Fatal("without Redis nobody is let in, or somebody twice")
		}
	}
	if <-states != standin.Alone {
		t.Fatal("nobody was told")
	}
	shared.lost.Store(false)
	c.Advance(time.Second)
	first(t, here, "c", until)
	if <-states != standin.Shared {
		t.Fatal("the shared memory did not come back")
	}
}

func TestAProcessWithoutRoomLeavesItToRedis(t *testing.T) {
	c := clock.At(start)
	shared := &flaky{Window: window.NewLocal(c)}
	f := window.NewFallback(shared, window.Small(c, 64), c, nil)
	for i := range 500 {
		if !first(t, f, fmt.Sprint(i), c.Now().Add(time.Minute)) {
			t.Fatal("refused while Redis has room")
		}
	}
	shared.lost.Store(true)
	refused := 0
	for i := range 500 {
		if _, err := f.First(t.Context(), fmt.Sprint("more", i), c.Now().Add(time.Minute)); fault.CodeOf(err) == "WINDOW_FULL" {
			refused++
		}
	}
	if refused == 0 {
		t.Fatal("a full process promised what it can't keep")
	}
}

func TestAnUnreachableRedisIsUnavailable(t *testing.T) {
	m := miniredis.RunT(t)
	c := client(t, m.Addr())
	m.Close()
	if _, err := window.NewRedis(c, clock.At(start)).First(t.Context(), "a", start.Add(time.Minute)); fault.CodeOf(err) != "WINDOW_UNAVAILABLE" {
		t.Fatalf("%v", err)
	}
}

// A million proofs a minute, a third of which are swept on the way.
func BenchmarkLocal(b *testing.B) {
	c := clock.At(start)
	l := window.NewLocal(c)
	keys := make([]string, 1<<20)
	for i := range keys {
		keys[i] = fmt.Sprintf("%043d", i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i%17_000 == 0 {
			c.Advance(time.Second)
		}
		if ok, err := l.First(b.Context(), keys[i%len(keys)], c.Now().Add(30*time.Second)); err != nil || !ok {
			b.Fatal(ok, err)
		}
		i++
	}
	b.ReportMetric(float64(l.Len()), "keys")
}

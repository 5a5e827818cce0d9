package limit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
)

var (
	start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	rule  = limit.Rule{Per: time.Minute, Burst: 60}
)

func ask(t *testing.T, l limit.Limiter, key string, cost int) limit.Result {
	t.Helper()
	res, err := l.Allow(t.Context(), key, cost, rule)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func client(t *testing.T, addr string) redis.UniversalClient {
	c, err := limit.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// each runs a promise on both kinds of bucket; move lets time pass for it.
func each(t *testing.T, f func(t *testing.T, l limit.Limiter, move func(time.Duration))) {
	t.Run("local", func(t *testing.T) {
		c := clock.At(start)
		f(t, limit.NewLocal(c), c.Advance)
	})
	t.Run("redis", func(t *testing.T) {
		m, now := miniredis.RunT(t), start
		m.SetTime(now)
		f(t, limit.NewRedis(client(t, m.Addr())), func(d time.Duration) {
			now = now.Add(d)
			m.SetTime(now)
			m.FastForward(d)
		})
	})
}

func TestABucketEmptiesAndFillsEvenly(t *testing.T) {
	each(t, func(t *testing.T, l limit.Limiter, move func(time.Duration)) {
		if r := ask(t, l, "a", 50); !r.Allowed || r.Remaining != 10 {
			t.Fatalf("first 50 of 60: %+v", r)
		}
		r := ask(t, l, "a", 20)
		if r.Allowed || r.RetryAfter < 9*time.Second || r.RetryAfter > 11*time.Second {
			t.Fatalf("20 of 10 left: %+v", r)
		}
		move(r.RetryAfter)
		if r := ask(t, l, "a", 20); !r.Allowed {
			t.Fatalf("after RetryAfter: %+v", r)
		}
	})
}

func TestKeysDoNotShareABucket(t *testing.T) {
	each(t, func(t *testing.T, l limit.Limiter, _ func(time.Duration)) {
		ask(t, l, "a", 60)
		if r := ask(t, l, "a", 1); r.Allowed {
			t.Fatal("an empty bucket gave")
		}
		if r := ask(t, l, "b", 1); !r.Allowed {
			t.Fatal("another's emptiness refused this key")
		}
	})
}

func TestACostAboveTheBucketTakesItWhole(t *testing.T) {
	each(t, func(t *testing.T, l limit.Limiter, move func(time.Duration)) {
		if r := ask(t, l, "a", 1000); !r.Allowed || r.Remaining != 0 {
			t.Fatalf("a full bucket refused: %+v", r)
		}
		if r := ask(t, l, "a", 0); r.Allowed {
			t.Fatal("a cost below one was free")
		}
		move(time.Minute)
		if r := ask(t, l, "a", 1000); !r.Allowed {
			t.Fatal("never again")
		}
	})
}

func TestLocalForgetsFullBuckets(t *testing.T) {
	c := clock.At(start)
	l := limit.NewLocal(c)
	for i := range 2000 {
		ask(t, l, fmt.Sprint("old", i), 1)
	}
	c.Advance(time.Minute)
	for i := range 4000 {
		ask(t, l, fmt.Sprint("new", i), 1)
	}
	if n := l.Len(); n > 5000 {
		t.Fatalf("%d buckets kept", n)
	}
}

// flaky is a shared limiter that can be lost; asked counts who waited for it.
type flaky struct {
	limit.Limiter
	lost  bool
	asked int
}

func (f *flaky) Allow(ctx context.Context, key string, cost int, rule limit.Rule) (limit.Result, error) {
	f.asked++
	if f.lost {
		return limit.Result{}, fault.New("test", fault.Unavailable, "LIMITER_UNAVAILABLE")
	}
	return f.Limiter.Allow(ctx, key, cost, rule)
}

func TestALostRedisRefusesNobodyAndSoonCostsNothing(t *testing.T) {
	c := clock.At(start)
	shared := &flaky{Limiter: limit.NewLocal(c), lost: true}
	var states []limit.State
	f := limit.NewFallback(shared, limit.NewLocal(c), c, func(s limit.State) { states = append(states, s) })
	for range 60 {
		if r := ask(t, f, "a", 1); !r.Allowed {
			t.Fatal("refused for Redis's sake")
		}
	}
	if r := ask(t, f, "a", 1); r.Allowed {
		t.Fatal("without Redis there was no limit")
	}
	if shared.asked != 3 || len(states) != 1 || f.State() != limit.Alone {
		t.Fatalf("%d requests waited, states %v", shared.asked, states)
	}
}

func TestARedisThatIsBackCountsAgain(t *testing.T) {
	c := clock.At(start)
	shared := &flaky{Limiter: limit.NewLocal(c), lost: true}
	back := make(chan limit.State, 4)
	f := limit.NewFallback(shared, limit.NewLocal(c), c, func(s limit.State) { back <- s })
	for range 3 {
		ask(t, f, "a", 1)
	}
	<-back
	shared.lost = false
	c.Advance(time.Second)
	ask(t, f, "a", 1)
	if s := <-back; s != limit.Shared || f.State() != limit.Shared {
		t.Fatalf("state %v", s)
	}
}

func TestACallerThatWentAwayIsNoFaultOfRedis(t *testing.T) {
	c := clock.At(start)
	shared := &flaky{Limiter: limit.NewLocal(c), lost: true}
	f := limit.NewFallback(shared, limit.NewLocal(c), c, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		if _, err := f.Allow(ctx, "a", 1, rule); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("err %v", err)
		}
	}
	if f.State() != limit.Shared {
		t.Fatal("the state changed")
	}
}

func TestAnUnreachableRedisIsUnavailable(t *testing.T) {
	m := miniredis.RunT(t)
	c := client(t, m.Addr())
	m.Close()
	_, err := limit.NewRedis(c).Allow(t.Context(), "a", 1, rule)
	if fault.CodeOf(err) != "LIMITER_UNAVAILABLE" || errors.Unwrap(err) == nil {
		t.Fatalf("err %v", err)
	}
}

func TestAnAddressOfRedisHasItsFormOrIsRefusedWithoutBeingTold(t *testing.T) {
	for address, good := range map[string]bool{
		"127.0.0.1:6379": true, "redis://:canary@127.0.0.1:6379/2": true, "rediss://user:canary@redis.example:6380": true,
		"10.0.0.1:6379,10.0.0.2:6379": true, "": false, "canary": false, "http://canary:6379": false, "redis://:canary@host:port": false,
	} {
		c, err := limit.Dial(address)
		if (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil {
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("%v", err)
			}
			continue
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAPasswordAndADatabaseOfTheAddressAreUsed(t *testing.T) {
	server, err := miniredis.Run()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	server.RequireAuth("canary")
	for address, good := range map[string]bool{"redis://:canary@" + server.Addr(): true, "redis://:wrong@" + server.Addr(): false, server.Addr(): false} {
		c, err := limit.Dial(address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = limit.NewRedis(c).Allow(t.Context(), "k", 1, limit.Rule{Per: time.Minute, Burst: 5})
		if (err == nil) != good {
			t.Errorf("with another password: %v", err)
		}
		_ = c.Close()
	}
}

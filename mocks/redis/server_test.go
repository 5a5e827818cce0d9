package redis_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	client "github.com/redis/go-redis/v9"

	"github.com/tongban/tongban/mocks/redis"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t *testing.T) (*redis.Server, *client.Client, *clock) {
	t.Helper()
	at := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	s, err := redis.Start(redis.Config{Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := client.NewClient(&client.Options{Addr: s.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { c.Close(); s.Stop() })
	return s, c, at
}

func TestKeyLapsesAsTimePasses(t *testing.T) {
	_, c, at := start(t)
	ctx := t.Context()
	if err := c.Set(ctx, "k", "v", time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	at.Advance(59 * time.Second)
	if err := c.Get(ctx, "k").Err(); err != nil {
		t.Fatalf("before its time: %v", err)
	}
	at.Advance(2 * time.Second)
	if err := c.Get(ctx, "k").Err(); !errors.Is(err, client.Nil) {
		t.Fatalf("after its time: %v, want nothing", err)
	}
}

func TestTimeMovesByItselfOnTheMachinesClock(t *testing.T) {
	s, err := redis.Start(redis.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c := client.NewClient(&client.Options{Addr: s.Addr()})
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Set(ctx, "k", "v", 20*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	for c.Get(ctx, "k").Err() == nil {
	}
	if err := c.Get(ctx, "k").Err(); !errors.Is(err, client.Nil) {
		t.Fatalf("the key never lapsed: %v", err)
	}
}

func TestRateLimitFillsAgainWithTheClock(t *testing.T) {
	_, c, at := start(t)
	limiter := redis_rate.NewLimiter(c)
	limit := redis_rate.PerMinute(3)
	allow := func(want int) {
		t.Helper()
		r, err := limiter.Allow(t.Context(), "k", limit)
		if err != nil {
			t.Fatal(err)
		}
		if r.Allowed != want {
			t.Fatalf("allowed %d, want %d", r.Allowed, want)
		}
	}
	for range 3 {
		allow(1)
	}
	allow(0)
	at.Advance(20 * time.Second)
	allow(1)
	allow(0)
}

func TestStopKeepsTheDataAndThePort(t *testing.T) {
	s, c, at := start(t)
	ctx, addr := t.Context(), s.Addr()
	c.Set(ctx, "short", "v", time.Minute)
	c.Set(ctx, "long", "v", time.Hour)
	s.Stop()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Fatal("a stopped server answered")
	}
	at.Advance(2 * time.Minute)
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if s.Addr() != addr {
		t.Fatalf("moved from %s to %s", addr, s.Addr())
	}
	if err := c.Get(ctx, "long").Err(); err != nil {
		t.Fatalf("lost by a restart: %v", err)
	}
	if err := c.Get(ctx, "short").Err(); !errors.Is(err, client.Nil) {
		t.Fatalf("no time passed while it was stopped: %v", err)
	}
}

func TestKillLosesTheData(t *testing.T) {
	s, c, _ := start(t)
	ctx := t.Context()
	c.Set(ctx, "k", "v", 0)
	s.Kill()
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(ctx, "k").Err(); !errors.Is(err, client.Nil) {
		t.Fatalf("after a crash: %v, want nothing", err)
	}
}

func TestHangAnswersNothingUntilRestart(t *testing.T) {
	s, c, _ := start(t)
	if err := s.Hang(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Ping(short).Err(); err == nil {
		t.Fatal("a hung server answered")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatalf("after the hang: %v", err)
	}
}

func TestAHungServerCanBeStopped(t *testing.T) {
	s, c, _ := start(t)
	if err := s.Hang(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { answered <- c.Ping(context.WithoutCancel(t.Context())).Err() }()
	s.Stop()
	<-answered
	if err := s.Hang(); err == nil {
		t.Fatal("a stopped server hung")
	}
}

func TestStartRefusesWhatOthersCouldReach(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":6379", "192.0.2.1:0"} {
		if s, err := redis.Start(redis.Config{Addr: addr}); err == nil {
			s.Stop()
			t.Errorf("Start took %q", addr)
		}
	}
}

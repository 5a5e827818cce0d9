package limit

import (
	"context"
	"time"
)

// Rule is the size of a bucket and how long it takes to fill from empty.
type Rule struct {
	Per   time.Duration
	Burst int
}

// Result is the answer to one question.
type Result struct {
	Allowed bool
	// RetryAfter is when the same cost will be allowed; zero when Allowed.
	RetryAfter time.Duration
	// Remaining is what could be spent at once after this answer.
	Remaining int
}

// Limiter answers whether a key may spend a cost now, and charges it if so.
type Limiter interface {
	// Allow charges cost to key under rule. A cost below one is charged as one
	// and a cost above the whole bucket as the whole bucket, so that a costly
	// act is slow but never impossible. It fails with Unavailable when the
	// buckets can't be reached.
	Allow(ctx context.Context, key string, cost int, rule Rule) (Result, error)
}

func clamp(cost int, rule Rule) int { return max(1, min(cost, rule.Burst)) }

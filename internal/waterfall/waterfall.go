// Package waterfall notes, while one answer is made, what each source's part
// of it took and how it came: for developers, in the dev profile.
//
// Its words: a line is one question to one source. Nothing of a person is in
// it: a source's name, times, and codes.
//
// Where nobody asked for notes there are none to write: every method works on
// nothing and does nothing then.
package waterfall

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// From says where a value came from.
type From string

// Where values come from.
const (
	Call  From = "CALL"  // a call of one's own
	Joint From = "JOINT" // a call that somebody else had begun
	Cache From = "CACHE" // kept from before
	None  From = "NONE"  // nobody was asked
)

// Spent is how long the parts of a call took.
type Spent struct {
	Queued, Called, Mapped time.Duration
}

// End is how a question to a source ended.
type End struct {
	From
	Spent
	Freshness, Reason string
	// Breaker is the source's after it: CLOSED, OPEN or HALF_OPEN.
	Breaker string
}

// Told is a line as it is told, in milliseconds.
type Told struct {
	Source    string  `json:"source"`
	Started   float64 `json:"startedMs"`
	Took      float64 `json:"tookMs"`
	From      From    `json:"from"`
	Queued    float64 `json:"queuedMs"`
	Called    float64 `json:"calledMs"`
	Mapped    float64 `json:"mappedMs"`
	Freshness string  `json:"freshness"`
	Reason    string  `json:"reason,omitempty"`
	Breaker   string  `json:"breaker"`
}

// Notes are the lines of one answer. They are safe for concurrent use.
type Notes struct {
	began time.Time
	mu    sync.Mutex
	lines []Told
}

type key struct{}

// Noting gives a context in which lines are noted.
func Noting(ctx context.Context) (context.Context, *Notes) {
	n := &Notes{began: time.Now()}
	return context.WithValue(ctx, key{}, n), n
}

// Told gives the lines so far, the earliest first, and how long it took.
func (n *Notes) Told() (lines []Told, took float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines = append([]Told{}, n.lines...)
	slices.SortStableFunc(lines, func(a, b Told) int { return cmp.Or(cmp.Compare(a.Started, b.Started), cmp.Compare(a.Source, b.Source)) })
	return lines, ms(time.Since(n.began))
}

// Line is a question under way; nil where nobody notes.
type Line struct {
	notes  *Notes
	source string
	began  time.Time
}

// Begin begins a line; source is put together only where somebody notes.
func Begin(ctx context.Context, source func() string) *Line {
	n, _ := ctx.Value(key{}).(*Notes)
	if n == nil {
		return nil
	}
	return &Line{notes: n, source: source(), began: time.Now()}
}

// End ends the line.
func (l *Line) End(e End) {
	if l == nil {
		return
	}
	told := Told{
		Source: l.source, Started: ms(l.began.Sub(l.notes.began)), Took: ms(time.Since(l.began)), From: e.From,
		Queued: ms(e.Queued), Called: ms(e.Called), Mapped: ms(e.Mapped), Freshness: e.Freshness, Reason: e.Reason, Breaker: e.Breaker,
	}
	l.notes.mu.Lock()
	defer l.notes.mu.Unlock()
	l.notes.lines = append(l.notes.lines, told)
}

// ms gives milliseconds to three digits.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

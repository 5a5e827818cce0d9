package mobile_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/graph"
	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/space"
)

// moves is a change log's view that tests move by hand.
type moves struct {
	epoch changes.Epoch
	last  map[changes.Key]changes.Epoch
	old   bool
}

func (m *moves) Now() changes.Epoch          { return m.epoch }
func (m *moves) Revoked(...changes.Key) bool { return false }
func (m *moves) Fresh() bool                 { return !m.old }

func (m *moves) Valid(began changes.Epoch, keys ...changes.Key) bool {
	for _, k := range keys {
		if m.last[k] > began {
			return false
		}
	}
	return !m.old && began > 0
}

func (m *moves) move(k changes.Key) {
	m.epoch++
	m.last[k] = m.epoch
}

// telling is a space that notes what its tiles rest on, and counts its asking.
type telling struct {
	home
	asked *int
	note  func(context.Context)
	fails error
}

func (s telling) Tiles(ctx context.Context, a ids.Actor) ([]space.Tile, error) {
	*s.asked++
	s.note(ctx)
	tiles, _ := s.home.Tiles(ctx, a)
	return tiles, s.fails
}

// replaying is a front over telling, on a clock that stands still.
type replaying struct {
	t     *testing.T
	front http.Handler
	clock *clock.Fixed
	moves *moves
	asked int
}

func replays(t *testing.T, note func(context.Context), fails error) *replaying {
	t.Helper()
	r := &replaying{t: t, clock: clock.At(now), moves: &moves{epoch: 1, last: map[changes.Key]changes.Epoch{}}}
	s := telling{asked: &r.asked, note: note, fails: fails}
	var err error
	if r.front, err = mobile.New(mobile.Deps{
		Profile: config.Dev, Resolver: &graph.Resolver{Space: s}, Tokens: &tokens{}, Limiter: limit.NewLocal(r.clock), Burst: 100_000,
		Changes: r.moves, Clock: r.clock, IDs: ids.Random(), Log: slog.New(slog.DiscardHandler),
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

// asks sends a document and tells how often the space was asked for it.
func (r *replaying) asks(token, document string) int {
	r.t.Helper()
	before := r.asked
	ask(r.t, r.front, token, document, nil)
	return r.asked - before
}

const tiles = `{ homeTiles { id headline } }`

func TestAnAnswerIsKeptUntilWhatItRestsOnChanges(t *testing.T) {
	r := replays(t, func(ctx context.Context) {
		changes.Rests(ctx, "subject/sub_1", "app/x")
		changes.RestsUntil(ctx, now.Add(time.Minute))
	}, nil)
	want := func(when string, n int) {
		t.Helper()
		if got := r.asks("level-3", tiles); got != n {
			t.Errorf("%s: asked %d times, want %d", when, got, n)
		}
	}
	want("first", 1)
	want("again", 0)
	r.moves.move("app/y")
	want("something else moved", 0)
	r.moves.move("app/x")
	want("it moved", 1)
	want("and again", 0)
	r.moves.old = true
	want("nobody can tell", 1)
	r.moves.old = false
	r.clock.Advance(59 * time.Second)
	want("a second before its label changes", 0)
	r.clock.Advance(time.Second)
	want("its label changes", 1)
}

func TestAnAnswerIsKeptForWhoAskedAndWhatWasAskedAlone(t *testing.T) {
	r := replays(t, func(ctx context.Context) { changes.Rests(ctx, "subject/sub_1") }, nil)
	r.asks("level-3", tiles)
	for what, n := range map[string]int{
		"another level":    r.asks("level-2", tiles),
		"who acts for her": r.asks("delegate", tiles),
		"another document": r.asks("level-3", `{ homeTiles { id } }`),
		"another name":     r.asks("level-3", `{ mine: homeTiles { id headline } }`),
	} {
		if n != 1 {
			t.Errorf("%s: asked %d times", what, n)
		}
	}
	if r.asks("", tiles) != 0 || r.asks("level-3", tiles) != 0 {
		t.Error("nobody reached the space, or the first answer was lost")
	}
	if a, body := ask(t, r.front, "", tiles, nil); len(a.Errors) != 1 || strings.Contains(body, "headline") {
		t.Errorf("nobody was shown somebody's tiles: %s", body)
	}
}

func TestWhatPassesIsNeverKept(t *testing.T) {
	for name, r := range map[string]*replaying{
		"of this moment":  replays(t, func(ctx context.Context) { changes.Rests(ctx, "a"); changes.Passes(ctx) }, nil),
		"nobody vouches":  replays(t, func(context.Context) {}, nil),
		"a part is void":  replays(t, func(ctx context.Context) { changes.Rests(ctx, "a"); changes.RestsOn(ctx, func() bool { return false }) }, nil),
		"a failed answer": replays(t, func(ctx context.Context) { changes.Rests(ctx, "a") }, fault.New("test", fault.Unavailable, "")),
	} {
		if first, second := r.asks("level-3", tiles), r.asks("level-3", tiles); first != 1 || second != 1 {
			t.Errorf("%s: asked %d and %d times", name, first, second)
		}
	}
}

func TestAPartIsReplayedBesideOneThatPasses(t *testing.T) {
	r := replays(t, func(ctx context.Context) { changes.Rests(ctx, "a") }, nil)
	document := `{ homeTiles { id } homeReminders { id } }` // the reminders of this test vouch for nothing
	if first, second := r.asks("level-3", document), r.asks("level-3", document); first != 1 || second != 0 {
		t.Errorf("asked %d and %d times", first, second)
	}
}

func TestWhoWantsThePlainExecutorGetsIt(t *testing.T) {
	r := replays(t, func(ctx context.Context) { changes.Rests(ctx, "a") }, nil)
	r.asks("level-3", tiles)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mobile.Path, strings.NewReader(`{"query":"{ homeTiles { id headline } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer level-3")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Cache-Control", "no-cache")
	before := r.asked
	r.front.ServeHTTP(nowhere{}, req)
	if r.asked != before+1 {
		t.Error("a kept answer was given to one who wanted none")
	}
}

// nowhere takes an answer that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

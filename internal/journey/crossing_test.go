package journey_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/journey"
)

// watcher is one of two people, and what would tell that they saw the other's.
type watcher struct {
	phone   *journey.Phone
	foreign []string
}

func TestTwoPeopleNeverSeeEachOthersWhileRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	zhang, wang := alone(t, roamer), alone(t, spouse)
	engines(t, func(t *testing.T, url string) {
		st := start(t, setting{areas: together, database: url})
		his, hers := st.phone(roamer), st.phone(spouse)
		for _, p := range []*journey.Phone{his, hers} { // who looks first fills what the other might be given
			st.home(p)
		}
		people := []watcher{{his, without(wang, zhang)}, {hers, without(zhang, wang)}}
		for _, w := range people {
			if len(w.foreign) < 8 {
				t.Fatalf("only %d values would tell a mix-up", len(w.foreign))
			}
			st.watch(w)
		}

		const workers, each = 8, 200
		turns := make(chan watcher)
		var busy sync.WaitGroup
		var looks looks
		for range workers {
			busy.Go(func() {
				for w := range turns {
					looks.during(func() { st.watch(w) })
				}
			})
		}
		for i := range each {
			switch i {
			case each / 4:
				st.world.Redis.Kill()
			case each / 2:
				// Nothing is fresh any more: all is read and kept anew while they look.
				looks.between(func() { st.clock.Advance(6 * time.Minute) })
			case each * 3 / 4:
				must(t, st.world.Redis.Restart())
				st.clock.Advance(2 * time.Second)
			}
			turns <- people[0]
			turns <- people[1]
		}
		close(turns)
		busy.Wait()
		if n := st.metric("tongban_limiter_changes"); n < 1 {
			t.Errorf("the loss of Redis was never noticed: %v changes", n)
		}
	})
}

// looks lets the clock jump between looks and never within one: a proof that was
// six minutes on its way is refused, and rightly.
type looks struct{ sync.RWMutex }

func (l *looks) during(look func()) {
	l.RLock()
	defer l.RUnlock()
	look()
}

func (l *looks) between(jump func()) {
	l.Lock()
	defer l.Unlock()
	jump()
}

// together are the provinces that know both.
var together = []string{henan, shanghai, jiangsu, "330000"}

// alone gives what somebody sees where nobody else ever looked: the provinces
// say the same of a person in each of their runs.
func alone(t *testing.T, person string) []string {
	t.Helper()
	st := start(t, setting{areas: together})
	return values(st.home(st.phone(person)))
}

// watch looks at the home screen once.
func (st *stage) watch(w watcher) {
	a := raw(st.t, w.phone, "Home", nil)
	if a.Status != 200 || len(a.Errors) > 0 {
		st.t.Errorf("refused: %d %+v", a.Status, a.Errors)
	}
	text := string(a.Data)
	for _, value := range w.foreign {
		if strings.Contains(text, value) {
			st.t.Error("somebody saw a value of the other's")
		}
	}
}

// values are what a home screen shows of a person, as they stand in an answer.
func values(h journey.Home) []string {
	var list []string
	add := func(v string) {
		raw, _ := json.Marshal(v) // a string always can be
		list = append(list, string(raw))
	}
	for _, tile := range h.HomeTiles {
		add(tile.Headline)
	}
	for _, c := range h.HomeCases.Elsewhere.Cases {
		add(c.Number)
	}
	return list
}

func without(list, those []string) []string {
	known := strings.Join(those, "\n")
	var rest []string
	for _, v := range list {
		if !strings.Contains(known, v) {
			rest = append(rest, v)
		}
	}
	return rest
}

package window

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
)

// MaxKeys bounds the memory of a Local: about 50 bytes each, so 100 MB. Our
// choice: a proof is remembered for 61 s where the clocks agree, so this is
// twice what a million reads a minute need.
const MaxKeys = 2_000_000

const (
	// shards is how many parts a Local has, so that few wait for each other.
	shards = 64
	// sweepEvery is how often a part that is full looks for what has passed.
	sweepEvery = time.Second
	// sweepFrom is the size at which a part looks for the first time.
	sweepFrom = 256
)

// Local remembers in this process. It is safe for concurrent use.
type Local struct {
	clock clock.Clock
	most  int // of each shard
	seeds [2]maphash.Seed
	parts [shards]part
}

// mark stands for a key: 128 bits under seeds that nobody outside knows, so two
// keys with one mark are not met by chance and can't be made.
type mark [2]uint64

type part struct {
	mu sync.Mutex
	// until is, by key, the Unix second after which it is forgotten.
	until   map[mark]int64
	sweepAt int       // the size at which the next sweep is due
	swept   time.Time // when the last one was
}

// NewLocal gives an empty Local on c that holds MaxKeys.
func NewLocal(c clock.Clock) *Local { return newLocal(c, MaxKeys) }

func newLocal(c clock.Clock, most int) *Local {
	l := &Local{clock: c, most: max(1, most/shards), seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	for i := range l.parts {
		l.parts[i].until, l.parts[i].sweepAt = map[mark]int64{}, min(l.most, sweepFrom)
	}
	return l
}

// First notes the key until the time and tells whether it was not noted before.
// It fails with Unavailable WINDOW_FULL when there is no room left.
func (l *Local) First(_ context.Context, key string, until time.Time) (bool, error) {
	now := l.clock.Now()
	m := mark{maphash.String(l.seeds[0], key), maphash.String(l.seeds[1], key)}
	p := &l.parts[m[0]%shards]
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, noted := p.until[m]; noted && last >= now.Unix() {
		return false, nil
	}
	if len(p.until) >= p.sweepAt && (p.sweepAt < l.most || now.Sub(p.swept) >= sweepEvery || now.Before(p.swept)) {
		p.sweep(now, l.most)
	}
	if len(p.until) >= l.most {
		return false, fault.New("window.Local", fault.Unavailable, "WINDOW_FULL")
	}
	p.until[m] = until.Unix() + 1 // the whole second in which it ends
	return true, nil
}

// sweep forgets what has passed. The next is due when the part has doubled.
func (p *part) sweep(now time.Time, most int) {
	p.swept = now
	for m, last := range p.until {
		if last < now.Unix() {
			delete(p.until, m)
		}
	}
	p.sweepAt = min(most, max(sweepFrom, 2*len(p.until)))
}

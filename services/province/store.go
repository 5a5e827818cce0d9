package province

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/ids"
)

const (
	// staleLimit is how old a last known value may be. Our choice: a day; what
	// is older says more about the past than about the person.
	staleLimit = 24 * time.Hour
	// defaultCacheBytes holds some 30,000 tiles.
	defaultCacheBytes = 64 << 20
	// entryOverhead is what a kept value weighs beside its bytes.
	entryOverhead = 512
)

// key names what was asked of whom for whom.
type key struct {
	subject    ids.SubjectID
	app        ids.AppID
	capability string
	area       ids.AreaCode
	input      [sha256.Size]byte // zero for no input
}

func keyOf(a Ask) (key, error) {
	k := key{subject: a.Person.Subject, app: a.App, capability: a.Capability, area: a.Area}
	if len(a.Input) > 0 {
		text, err := json.Marshal(a.Input) // sorts members, so equal inputs are equal bytes
		if err != nil {
			return key{}, err
		}
		k.input = sha256.Sum256(text)
	}
	return k, nil
}

// entry is one kept answer. But for began it never changes.
type entry struct {
	key    key // compared on each read, whatever the cache says
	value  map[string]any
	reason string // ReasonNotFound, or ""
	asOf   time.Time
	weight uint32
	keys   [3]changes.Key
	gone   atomic.Bool   // no longer what the store would give
	began  atomic.Uint64 // the epoch at which the read began, or a later one at which it still stood
}

func newEntry(k key, began changes.Epoch, asOf time.Time, got answer) *entry {
	e := &entry{key: k, value: got.value, reason: got.reason, asOf: asOf,
		weight: uint32(min(got.size*2+entryOverhead, 1<<30)), //nolint:gosec // bounded
		keys:   [3]changes.Key{changes.Subject(k.subject), changes.App(k.app), DataKey(k.subject, k.app)}}
	e.began.Store(uint64(began))
	return e
}

// stands tells whether nothing the entry rests on moved since its read began.
func (e *entry) stands(r changes.Reader) bool {
	now := r.Now() // before the check: what stood at now stood all the way
	began := e.began.Load()
	if !r.Valid(changes.Epoch(began), e.keys[:]...) {
		return false
	}
	if uint64(now) > began {
		e.began.CompareAndSwap(began, uint64(now))
	}
	return true
}

// rest notes that an answer rests on e while it is so young.
func (e *entry) rest(ctx context.Context, fresh time.Duration) {
	changes.Rests(ctx, e.keys[:]...)
	changes.RestsUntil(ctx, e.asOf.Add(fresh))
	changes.RestsOn(ctx, func() bool { return !e.gone.Load() })
}

// store keeps answers, bounded by weight.
type store struct{ cache *otter.Cache[key, *entry] }

func newStore(bytes uint64) (store, error) {
	if bytes == 0 {
		bytes = defaultCacheBytes
	}
	c, err := otter.New(&otter.Options[key, *entry]{
		MaximumWeight: bytes,
		OnAtomicDeletion: func(d otter.DeletionEvent[key, *entry]) {
			d.Value.gone.Store(true)
		},
		Weigher: func(_ key, e *entry) uint32 { return e.weight },
	})
	return store{cache: c}, err
}

// get gives the answer kept under k if it is k's and still stands at now.
func (s store) get(k key, r changes.Reader, now time.Time) (*entry, bool) {
	e, ok := s.cache.GetIfPresent(k)
	if !ok || e.key != k || !e.stands(r) {
		return nil, false
	}
	if age := now.Sub(e.asOf); age < 0 || age > staleLimit {
		return nil, false
	}
	return e, true
}

// put keeps e unless a later read is kept already.
func (s store) put(e *entry) {
	if before, ok := s.cache.GetIfPresent(e.key); ok && before.asOf.After(e.asOf) {
		return
	}
	s.cache.Set(e.key, e)
}

func (s store) renew(r changes.Reader, now time.Time) {
	for k, e := range s.cache.All() {
		if now.Sub(e.asOf) > staleLimit || (!e.stands(r) && r.Fresh()) {
			s.cache.Invalidate(k)
		}
	}
}

func (s store) close() {
	s.cache.InvalidateAll()
	s.cache.StopAllGoroutines()
}

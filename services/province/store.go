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
	"github.com/tongban/tongban/services/miniapp"
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
	area       ids.AreaCode      // of the child endpoint; "" for the app's own
	input      [sha256.Size]byte // zero for no input
}

// keyOf names a's question. Areas that the same point answers for are one.
func keyOf(app miniapp.App, a Ask) (key, error) {
	child := app.Manifest.Connector.Child(a.Capability, a.Area)
	k := key{subject: a.Person.Subject, app: a.App, capability: a.Capability, area: child}
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
	reason string // ReasonNotFound, ReasonPartial, or ""
	missed []Missing
	asOf   time.Time
	weight uint32
	keys   [3]changes.Key
	gone   atomic.Bool   // no longer what the store would give
	began  atomic.Uint64 // the epoch at which the read began, or a later one at which it still stood
}

func newEntry(k key, began changes.Epoch, asOf time.Time, got answer) *entry {
	e := &entry{key: k, value: got.value, reason: got.reason, missed: got.missed, asOf: asOf,
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

// partialFresh is how long an answer counts as fresh that lacks records. Our
// choice: its source answers, so that asking again soon is worth it, and no
// refreshing hand makes a call of every look.
const partialFresh = 30 * time.Second

// fresh is how long e counts as fresh where the asker would take so much.
func (e *entry) fresh(most time.Duration) time.Duration {
	if len(e.missed) > 0 {
		return min(most, partialFresh)
	}
	return most
}

// rest notes that an answer rests on e while it is so young.
func (e *entry) rest(ctx context.Context, fresh time.Duration) {
	changes.Rests(ctx, e.keys[:]...)
	changes.RestsUntil(ctx, e.asOf.Add(e.fresh(fresh)))
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

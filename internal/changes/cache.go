package changes

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/tongban/tongban/internal/clock"
)

// cachedFor is how old a kept value may be although nothing is known to have
// changed. Our choice: within Window, after which the tail forgets, and a bound
// on what a change that nobody noted could do.
const cachedFor = 10 * time.Minute

// Cache keeps what was read until one of the keys it rests on changes, or for
// ten minutes. A nil Cache keeps nothing. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	reader Reader
	clock  clock.Clock
	kept   *otter.Cache[K, *held[K, V]]
}

// held carries its key, which is compared on each read, whatever otter says.
type held[K comparable, V any] struct {
	key   K
	value V
	began Epoch
	at    time.Time
}

// NewCache makes a cache of at most so many values; nil where there is no
// reader that could tell of changes.
func NewCache[K comparable, V any](r Reader, c clock.Clock, most int) *Cache[K, V] {
	if r == nil {
		return nil
	}
	return &Cache[K, V]{reader: r, clock: c, kept: otter.Must(&otter.Options[K, *held[K, V]]{MaximumSize: most})}
}

// Read gives the value of key, kept or read anew; failures are not kept. The
// value is shared: never change it. It rests on the keys, and notes so.
func (c *Cache[K, V]) Read(ctx context.Context, key K, on []Key, read func() (V, error)) (V, error) {
	Rests(ctx, on...)
	if c == nil {
		return read()
	}
	if h, ok := c.kept.GetIfPresent(key); ok && h.key == key && c.stands(h, on) {
		RestsUntil(ctx, h.at.Add(cachedFor))
		return h.value, nil
	}
	h := &held[K, V]{key: key, began: c.reader.Now(), at: c.clock.Now()}
	var err error
	if h.value, err = read(); err == nil {
		RestsUntil(ctx, h.at.Add(cachedFor))
		c.kept.Set(key, h)
	}
	return h.value, err
}

func (c *Cache[K, V]) stands(h *held[K, V], on []Key) bool {
	age := c.clock.Now().Sub(h.at)
	return age >= 0 && age < cachedFor && c.reader.Valid(h.began, on...)
}

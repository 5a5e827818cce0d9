package identitytest

import (
	"context"
	"slices"
	"sync"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/outbox"
	"github.com/tongban/tongban/internal/unit"
)

// Outbox keeps the events that were appended.
type Outbox struct {
	mu     sync.Mutex
	events []outbox.Event
}

// Append keeps e.
func (o *Outbox) Append(_ context.Context, _ unit.Unit, e outbox.Event) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
	return nil
}

// Events gives what was appended, in order.
func (o *Outbox) Events() []outbox.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.events)
}

// Changes keeps the keys that were appended.
type Changes struct {
	mu   sync.Mutex
	rows map[changes.What][]changes.Key
}

// Append keeps the keys.
func (c *Changes) Append(_ context.Context, _ unit.Unit, what changes.What, keys ...changes.Key) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows == nil {
		c.rows = map[changes.What][]changes.Key{}
	}
	c.rows[what] = append(c.rows[what], keys...)
	return nil
}

// Has tells whether the key was appended as what.
func (c *Changes) Has(what changes.What, key changes.Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.rows[what], key)
}

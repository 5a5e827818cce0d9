package changes

// Arrivals gives how many rows the tail has seen and not forgotten.
func Arrivals(t *Tail) int {
	t.mem.mu.RLock()
	defer t.mem.mu.RUnlock()
	return len(t.mem.arrived)
}

// Shard gives the shard of a key.
func Shard(k Key) int { return k.shard() }

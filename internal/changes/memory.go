package changes

import (
	"sync"
	"time"
)

// memory is what a tail knows. It is safe for concurrent use.
type memory struct {
	mu      sync.RWMutex
	epoch   Epoch
	floor   Epoch             // what was read before it is void
	last    map[Key]Epoch     // when the key's last row arrived
	revoked map[Key]time.Time // the time of the key's last Revoked row
	arrived []arrival         // in order, for forgetting
	checked time.Time         // when the last good poll began; zero before the first
}

type arrival struct {
	key     Key
	epoch   Epoch
	seen    time.Time
	revoked time.Time // zero unless the row was Revoked
}

// row is one row of the table.
type row struct {
	seq  int64
	key  Key
	what What
	at   time.Time
}

func newMemory() *memory {
	return &memory{last: map[Key]Epoch{}, revoked: map[Key]time.Time{}}
}

// learn takes in what one poll brought. lost says that rows were missed.
func (m *memory) learn(rows []row, lost lostRows, began time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(rows) > 0 || lost == rowsLost || m.checked.IsZero() {
		m.epoch++ // rows of one poll arrive together
	}
	for _, r := range rows {
		a := arrival{key: r.key, epoch: m.epoch, seen: began}
		m.last[r.key] = m.epoch
		if r.what == Revoked {
			a.revoked = r.at
			if r.at.After(m.revoked[r.key]) {
				m.revoked[r.key] = r.at
			}
		}
		m.arrived = append(m.arrived, a)
	}
	if lost == rowsLost {
		m.floor = m.epoch
	}
	m.checked = began
	m.forget(began.Add(-Window))
}

// forget drops what arrived before the time given.
func (m *memory) forget(before time.Time) {
	n := 0
	for ; n < len(m.arrived) && m.arrived[n].seen.Before(before); n++ {
		a := m.arrived[n]
		m.floor = max(m.floor, a.epoch)
		if m.last[a.key] == a.epoch {
			delete(m.last, a.key)
		}
		if t, ok := m.revoked[a.key]; ok && !a.revoked.IsZero() && t.Equal(a.revoked) {
			delete(m.revoked, a.key)
		}
	}
	if n > 0 {
		m.arrived = append([]arrival(nil), m.arrived[n:]...) // lets the old array go
	}
}

type lostRows string

const (
	noneLost lostRows = "none"
	rowsLost lostRows = "some"
)

package journey_test

import (
	"net"
	"sync"
	"sync/atomic"
)

// door is a product's listener that knows its visitors: a connection that was
// opened beside others and never used would hold the product's end for 5 s.
type door struct {
	net.Listener
	mu    sync.Mutex
	calls []*call
}

type call struct {
	net.Conn
	spoke atomic.Bool
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &call{Conn: conn}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	return c, nil
}

// Read implements net.Conn.
func (c *call) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.spoke.Store(true)
	}
	return n, err
}

// hangUp closes the connections on which nobody ever spoke.
func (st *stage) hangUp() {
	for _, d := range st.doors {
		d.mu.Lock()
		for _, c := range d.calls {
			if !c.spoke.Load() {
				_ = c.Close()
			}
		}
		d.mu.Unlock()
	}
}

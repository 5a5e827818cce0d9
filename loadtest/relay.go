package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// relay stands between a phone and the product and is far away: what is sent
// arrives half a round trip later. A new connection costs what TCP and TLS 1.3
// say to each other before the first byte, a round trip each; the demo speaks
// plain HTTP on loopback, so both are added here.
type relay struct {
	to    string
	delay time.Duration // one way
	ln    net.Listener

	connections, requests, up, down atomic.Int64
}

// handshakes is how many round trips a new connection takes: TCP, TLS 1.3.
const handshakes = 2

func startRelay(to string, roundTrip time.Duration) (*relay, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{to: to, delay: roundTrip / 2, ln: ln}
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			go r.carry(near)
		}
	}()
	return r, nil
}

func (r *relay) stop() { _ = r.ln.Close() }

func (r *relay) carry(near net.Conn) {
	defer func() { _ = near.Close() }()
	far, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	r.connections.Add(1)
	began := time.Now()
	var both sync.WaitGroup
	both.Go(func() {
		// A browser opens connections ahead; what counts is when it may speak.
		r.pass(far, &counting{near, &r.up, &r.requests}, began.Add(handshakes*2*r.delay))
		_ = far.(*net.TCPConn).CloseWrite()
	})
	both.Go(func() {
		r.pass(near, &counting{far, &r.down, nil}, time.Time{})
		_ = near.(*net.TCPConn).CloseWrite()
	})
	both.Wait()
}

type parcel struct {
	bytes []byte
	at    time.Time
}

// pass hands on what comes, each piece after the delay, none before open.
func (r *relay) pass(to io.Writer, from io.Reader, open time.Time) {
	way := make(chan parcel, 4096)
	go func() {
		defer close(way)
		for {
			b := make([]byte, 16<<10)
			n, err := from.Read(b)
			if n > 0 {
				sent := time.Now()
				if sent.Before(open) {
					sent = open
				}
				way <- parcel{b[:n], sent.Add(r.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range way {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
	}
	for range way { // what can't be handed on
	}
}

// counting counts what is read: bytes, and the requests that begin in it.
type counting struct {
	io.Reader
	bytes, requests *atomic.Int64
}

var version = []byte(" HTTP/1.1\r\n")

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.bytes.Add(int64(n))
	if c.requests != nil {
		for lines := bufio.NewScanner(bytes.NewReader(b[:n])); lines.Scan(); {
			if bytes.HasSuffix(append(lines.Bytes(), '\r', '\n'), version) {
				c.requests.Add(1)
			}
		}
	}
	return n, err
}

// tally is what went over the relay.
type tally struct{ connections, requests, up, down int64 }

func (r *relay) tally() tally {
	return tally{r.connections.Load(), r.requests.Load(), r.up.Load(), r.down.Load()}
}

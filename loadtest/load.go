package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// request is one HTTP request as bytes.
type request []byte

// post is a POST of JSON; more are further header lines, each begun by its break.
func post(base, path, more, body string) request {
	return request("POST " + path + " HTTP/1.1\r\nHost: " + base[len("http://"):] + "\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) +
		more + "\r\n\r\n" + body)
}

// line is one connection that is kept.
type line struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(base string) (*line, error) {
	conn, err := net.DialTimeout("tcp", base[len("http://"):], 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// ask sends r and gives the answer's body.
func (l *line) ask(r request) ([]byte, error) {
	res, body, err := l.send(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %.200s", res.StatusCode, body)
	}
	return body, nil
}

// send sends r and gives the whole answer.
func (l *line) send(r request) (*http.Response, []byte, error) {
	_ = l.conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := l.conn.Write(r); err != nil {
		return nil, nil, err
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// act is what a person does again and again, and what an answer to it is worth:
// the bytes of all bodies, or an error.
type act func(l *line) (bytes int, err error)

// asking is an act of one request that always asks the same.
func asking(r func() request, right func([]byte) error) act {
	return func(l *line) (int, error) {
		body, err := l.ask(r())
		if err == nil {
			err = right(body)
		}
		return len(body), err
	}
}

// acts gives each request as an act.
func acts(rs []func() request, right func([]byte) error) []act {
	out := make([]act, len(rs))
	for i, r := range rs {
		out[i] = asking(r, right)
	}
	return out
}

// burst is what one load brought.
type burst struct {
	took      time.Duration
	latencies []time.Duration // sorted
	bytes     int64           // of the answers' bodies
}

func (b burst) quantile(q float64) time.Duration {
	if len(b.latencies) == 0 {
		return 0
	}
	return b.latencies[min(int(q*float64(len(b.latencies))), len(b.latencies)-1)]
}

// drive has each act done again and again on a connection of its own, all at
// once, for so long.
func drive(ctx context.Context, base string, acts []act, long time.Duration) (burst, error) {
	type part struct {
		burst
		err error
	}
	parts := make([]part, len(acts))
	began := time.Now()
	var wg sync.WaitGroup
	for i, do := range acts {
		wg.Go(func() {
			p := &parts[i]
			l, err := dial(base)
			if err != nil {
				p.err = err
				return
			}
			defer func() { _ = l.conn.Close() }()
			for ctx.Err() == nil && time.Since(began) < long {
				sent := time.Now()
				n, err := do(l)
				if err != nil {
					p.err = err
					return
				}
				p.latencies = append(p.latencies, time.Since(sent))
				p.bytes += int64(n)
			}
		})
	}
	wg.Wait()
	all := burst{took: time.Since(began)}
	for _, p := range parts {
		if p.err != nil {
			return burst{}, p.err
		}
		all.latencies = append(all.latencies, p.latencies...)
		all.bytes += p.bytes
	}
	slices.Sort(all.latencies)
	return all, ctx.Err()
}

package provincehttp

import (
	"bufio"
	"errors"
	"net"
	"syscall"
	"time"
)

var errHeader = errors.New("provincehttp: the answer's header is too large")

// line is one connection that is kept. One call at a time has it.
type line struct {
	net.Conn          // what is spoken over: TLS, or the socket itself
	socket   net.Conn // beneath it
	in       *bufio.Reader
	left     int       // bytes that may still be read of a header; below zero: no limit
	got      bool      // anything came since the request was sent
	since    time.Time // unused since then

	raw    syscall.RawConn // of the socket; nil where it has none
	look   func(fd uintptr) bool
	strays bool // what look found
}

func newLine(conn, socket net.Conn) *line {
	l := &line{Conn: conn, socket: socket, left: -1}
	l.in = bufio.NewReader(l)
	if s, ok := socket.(syscall.Conn); ok {
		l.raw, _ = s.SyscallConn()
	}
	l.look = func(fd uintptr) bool {
		l.strays = readable(fd)
		return true // never wait
	}
	return l
}

// Read reads what was sent, within the limit of a header while one is read.
func (l *line) Read(b []byte) (int, error) {
	if l.left == 0 {
		return 0, errHeader
	}
	if l.left > 0 && len(b) > l.left {
		b = b[:l.left]
	}
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.got = true
		if l.left > 0 {
			l.left -= n
		}
	}
	return n, err
}

// silent tells whether a connection that was put by can be used: it is open,
// and nothing came that nobody asked for. An answer too many would be read as
// the answer to the next question, which is another person's.
func (l *line) silent() bool {
	if l.in.Buffered() > 0 || l.SetDeadline(time.Time{}) != nil {
		return false
	}
	if l.raw != nil && (l.raw.Read(l.look) != nil || l.strays) {
		return false
	}
	if l.Conn == l.socket {
		return true
	}
	// What TLS has decrypted already no longer lies in the socket. With a
	// deadline in the past only that can be read.
	if l.SetReadDeadline(past) != nil {
		return false
	}
	_, err := l.Conn.Read(make([]byte, 1))
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout() && l.SetReadDeadline(time.Time{}) == nil
}

// past is a deadline that ends what is under way.
var past = time.Unix(1, 0)

func (l *line) close() { _ = l.Conn.Close() }

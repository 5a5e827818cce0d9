package front_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/internal/limit"
)

// line is a WebSocket as a client holds it (RFC 6455), by hand, so that it can
// misbehave as no library does.
type line struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (s *streaming) dial(t *testing.T, protocol string) *line {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", protocol)
	l := &line{t: t, conn: conn, in: bufio.NewReader(conn)}
	status, err := l.in.ReadString('\n')
	if err != nil || !strings.Contains(status, "101") {
		t.Fatalf("%q %v", status, err)
	}
	for {
		header, err := l.in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if header == "\r\n" {
			return l
		}
	}
}

// say sends one text, masked by nothing.
func (l *line) say(text string) {
	l.t.Helper()
	frame := []byte{0x81, 0x80 | byte(min(len(text), 126))}
	if len(text) >= 126 {
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(text))) //nolint:gosec // short
	}
	if _, err := l.conn.Write(append(append(frame, 0, 0, 0, 0), text...)); err != nil {
		l.t.Fatal(err)
	}
}

// next gives the next frame's kind and content.
func (l *line) next() (kind byte, content []byte) {
	l.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(l.in, head); err != nil {
		l.t.Fatalf("the line was cut without a word: %v", err)
	}
	size := int(head[1] & 0x7f)
	if size == 126 {
		long := make([]byte, 2)
		if _, err := io.ReadFull(l.in, long); err != nil {
			l.t.Fatal(err)
		}
		size = int(binary.BigEndian.Uint16(long))
	}
	content = make([]byte, size)
	if _, err := io.ReadFull(l.in, content); err != nil {
		l.t.Fatal(err)
	}
	return head[0] & 0x0f, content
}

// heard wants a message of the type next.
func (l *line) heard(kind string) {
	l.t.Helper()
	_, content := l.next()
	var m struct{ Type string }
	if err := json.Unmarshal(content, &m); err != nil || m.Type != kind {
		l.t.Fatalf("heard %q, want %s", content, kind)
	}
}

// closed gives the code that the line is closed with.
func (l *line) closed() int {
	l.t.Helper()
	for {
		kind, content := l.next()
		if kind == 8 && len(content) >= 2 {
			return int(binary.BigEndian.Uint16(content))
		}
		if kind == 8 {
			l.t.Fatal("closed without a code")
		}
	}
}

const ws = "graphql-transport-ws"

func TestAClientThatMisbehavesIsToldByTheProtocolsCodes(t *testing.T) {
	const hello, ask = `{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`, `{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}`
	for name, c := range map[string]struct {
		say  []string
		code int
	}{
		"no JSON":                         {[]string{"hello"}, 4400},
		"a type that is none":             {[]string{hello, `{"type":"shout"}`}, 4400},
		"an operation without an id":      {[]string{hello, `{"type":"subscribe","payload":{"query":"{ a }"}}`}, 4400},
		"a payload that is none":          {[]string{hello, `{"id":"1","type":"subscribe","payload":[1]}`}, 4400},
		"an operation before the hello":   {[]string{ask}, 4401},
		"the same id twice":               {[]string{hello, ask, ask}, 4409},
		"two hellos":                      {[]string{hello, hello}, 4429},
		"a hello with a worthless header": {[]string{`{"type":"connection_init","payload":{"Authorization":"Basic x"}}`}, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			l := newStreaming(t, time.Hour).dial(t, ws)
			for _, text := range c.say {
				l.say(text)
			}
			if code := l.closed(); code != c.code {
				t.Errorf("closed with %d, want %d", code, c.code)
			}
		})
	}
}

func TestWhoNeverSaysHelloIsSentAway(t *testing.T) {
	s := newStreaming(t, time.Hour)
	s.Live.InitWithin = 20 * time.Millisecond
	s.again(t)
	if code := s.dial(t, ws).closed(); code != 4408 {
		t.Errorf("closed with %d", code)
	}
}

func TestAnotherProtocolIsNotSpoken(t *testing.T) {
	if code := newStreaming(t, time.Hour).dial(t, "graphql-ws").closed(); code != 4406 {
		t.Errorf("closed with %d", code)
	}
}

func TestASubscriptionRunsOverASocket(t *testing.T) {
	s := newStreaming(t, time.Hour)
	l := s.dial(t, ws)
	l.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
	l.heard("connection_ack")
	l.say(`{"type":"ping"}`)
	l.heard("pong")
	l.say(`{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}`)
	l.heard("next")
	close(s.closing)
	if code := l.closed(); code != 1001 {
		t.Errorf("a process that ends closes with %d", code)
	}
}

// What anybody may ask is asked by POST: a line of nobody would stay, uncounted.
func TestASocketOfNobodyIsClosed(t *testing.T) {
	l := newStreaming(t, time.Hour).dial(t, ws)
	l.say(`{"type":"connection_init"}`)
	if code := l.closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

func TestAPersonHoldsSoManySocketsAndNoMore(t *testing.T) {
	s := newStreaming(t, time.Hour)
	hello := func() *line {
		l := s.dial(t, ws)
		l.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
		return l
	}
	first := hello()
	first.heard("connection_ack")
	for range front.StreamsEach - 1 {
		hello().heard("connection_ack")
	}
	if code := hello().closed(); code != 1013 {
		t.Errorf("one too many is closed with %d", code)
	}
	_ = first.conn.Close()
	for began := time.Now(); ; { // its seat is free soon
		if kind, _ := hello().next(); kind == 1 {
			return
		}
		if time.Since(began) > 5*time.Second {
			t.Fatal("the seat is never free")
		}
	}
}

// Each message is paid for before it is read: who has no more is told, and waits.
func TestAMessageIsPaidForBeforeItIsRead(t *testing.T) {
	s := newStreaming(t, time.Hour)
	s.SignedIn = limit.Rule{Per: time.Hour, Burst: 2}
	s.again(t)
	l := s.dial(t, ws)
	l.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
	l.heard("connection_ack")
	for range 2 {
		l.say(`{"type":"ping"}`)
		l.heard("pong")
	}
	l.say(`{"id":"1","type":"subscribe","payload":"never looked at"}`)
	if _, content := l.next(); !strings.Contains(string(content), "RATE_LIMITED") {
		t.Errorf("heard %s", content)
	}
	said := time.Now()
	l.say(`{"id":"2","type":"subscribe","payload":"never looked at"}`)
	if _, content := l.next(); !strings.Contains(string(content), "RATE_LIMITED") || time.Since(said) < 100*time.Millisecond {
		t.Errorf("heard %s after %v", content, time.Since(said))
	}
}

// Every operation of the connection hears the reason; none ends so fast that it
// does not.
func TestASignInThatEndsIsToldToEachOperationOfASocket(t *testing.T) {
	s := newStreaming(t, time.Hour)
	l := s.dial(t, ws)
	l.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
	l.heard("connection_ack")
	for i := range front.StreamsEach {
		l.say(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { ticks }"}}`, i))
	}
	l.heard("next") // the first; the others wait
	s.waiting(t, front.StreamsEach)
	s.signOut()
	told := map[string]bool{}
	for {
		kind, content := l.next()
		if kind == 8 {
			break
		}
		var m struct {
			ID, Type string
			Payload  []struct{ Extensions struct{ Code string } }
		}
		if err := json.Unmarshal(content, &m); err != nil || m.Type != "error" || told[m.ID] || len(m.Payload) != 1 || m.Payload[0].Extensions.Code != "SESSION_ENDED" {
			t.Fatalf("heard %s", content)
		}
		told[m.ID] = true
	}
	if len(told) != front.StreamsEach {
		t.Errorf("%d of %d operations heard why they end", len(told), front.StreamsEach)
	}
}

// An id may come again as soon as its client has left it: the operation that is
// still on its way out does not take the new one along.
func TestAnIDThatComesAgainIsItsNewOperations(t *testing.T) {
	s := newStreaming(t, time.Hour)
	s.linger = make(chan struct{})
	l := s.dial(t, ws)
	const ask = `{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}`
	l.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
	l.heard("connection_ack")
	l.say(ask)
	l.heard("next")
	s.waiting(t, 1)
	l.say(`{"id":"1","type":"complete"}`)
	l.say(ask)
	s.waiting(t, 2)
	close(s.linger)
	s.waiting(t, 1)
	s.signOut()
	l.heard("error")
	if code := l.closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

package provincehttp_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/provincehttp"
)

// wire is a source that speaks bytes: say writes whatever it likes as the n-th
// answer on a connection, and tells whether it goes on.
func wire(t *testing.T, say func(conn net.Conn, n int, r *http.Request) bool) (base string, connections *atomic.Int64) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = &atomic.Int64{}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = ln.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				in := bufio.NewReader(conn)
				for n := 0; ; n++ {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					body, _ := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					if !say(conn, n, r) {
						return
					}
				}
			})
		}
	})
	return "http://" + ln.Addr().String(), connections
}

func assertion() miniapp.Auth { return miniapp.Auth{Kind: miniapp.AuthAssertion} }

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func length(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// answers are what hostile, old and odd servers send.
var answers = map[string]string{
	"plain":                           length(`{"a":1}`),
	"no body":                         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"204":                             "HTTP/1.1 204 No Content\r\n\r\n",
	"304":                             "HTTP/1.1 304 Not Modified\r\n\r\n",
	"500 with HTML":                   "HTTP/1.1 500 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
	"redirect":                        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.0 until the end":          "HTTP/1.0 200 OK\r\n\r\n{\"a\":1}",
	"until the end":                   "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}",
	"chunked":                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
	"chunked, extensions and trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n7;x=y\r\n{\"a\":1}\r\n0\r\nX: y\r\n\r\n",
	"chunk of no size":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n{\"a\":1}\r\n0\r\n\r\n",
	"chunk of a huge size":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{\"a\":1}",
	"chunks cut off":                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n",
	"both lengths":                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
	"two lengths":                     "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\n{\"a\":1}  ",
	"one length twice":                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"length below zero":               "HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n{\"a\":1}",
	"length with a sign":              "HTTP/1.1 200 OK\r\nContent-Length: +7\r\n\r\n{\"a\":1}",
	"length of words":                 "HTTP/1.1 200 OK\r\nContent-Length: seven\r\n\r\n{\"a\":1}",
	"longer than it is":               "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{\"a\":1}",
	"shorter than it is":              "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}HTTP/1.1 200 OK\r\n",
	"unknown transfer":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: cow\r\n\r\n{\"a\":1}",
	"chunked and more":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
	"a space before the colon":        "HTTP/1.1 200 OK\r\nContent-Length : 7\r\n\r\n{\"a\":1}",
	"folded":                          "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"no name":                         "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"a zero byte":                     "HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"lines end alone":                 "HTTP/1.1 200 OK\nContent-Length: 7\n\n{\"a\":1}",
	"no HTTP":                         "SSH-2.0-x\r\n",
	"no status":                       "HTTP/1.1\r\n\r\n",
	"status of words":                 "HTTP/1.1 OK OK\r\n\r\n",
	"status of two digits":            "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/2":                          "HTTP/2.0 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"nothing":                         "",
	"an interim first":                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + length(`{"a":1}`),
	"continue first":                  "HTTP/1.1 100 Continue\r\n\r\n" + length(`{"a":1}`),
	"interims without end":            strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1000) + length(`{"a":1}`),
	"other protocols":                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n{\"a\":1}",
	"a large header":                  "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 20<<10) + "\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"many headers":                    "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", 5<<10) + "Content-Length: 7\r\n\r\n{\"a\":1}",
	"a header near the limit":         "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 12<<10) + "\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"gzip":                            fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped(`{"a":1}`)), zipped(`{"a":1}`)),
	"GZIP in chunks":                  fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(zipped(`{"a":1}`)), zipped(`{"a":1}`)),
	"gzip of two parts":               fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped(`{"a"`)+zipped(`:1}`)), zipped(`{"a"`)+zipped(`:1}`)),
	"gzip that is none":               "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"gzip cut off":                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + zipped(`{"a":1,"b":"cccccccccc"}`)[:20],
	"gzip of nothing":                 "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	"an encoding nobody asked for":    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	"a large body":                    length(`"` + strings.Repeat("x", 300<<10) + `"`),
	"a body that never ends":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 0x1000)+"\r\n", 100),
	"a cookie":                        "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
}

// What net/http's client takes for an answer is one here, with the same status
// and bytes, and what it refuses is refused.
func TestAnswersAreWhatTheStandardClientTakesThemFor(t *testing.T) {
	for name, raw := range answers {
		base, _ := wire(t, func(conn net.Conn, _ int, _ *http.Request) bool {
			_, _ = io.WriteString(conn, raw)
			return false
		})
		transport := &http.Transport{MaxResponseHeaderBytes: 16 << 10, DisableKeepAlives: false}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/x", strings.NewReader(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		status, body := 0, ""
		if res, err := transport.RoundTrip(req); err == nil {
			read, err := io.ReadAll(io.LimitReader(res.Body, provincehttp.MaxAnswer+1))
			if err == nil && len(read) <= provincehttp.MaxAnswer || res.StatusCode == http.StatusSwitchingProtocols {
				status, body = res.StatusCode, string(read)
			}
			_ = res.Body.Close()
		}
		transport.CloseIdleConnections()
		reply, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), call(base, assertion()))
		unread := status/100 == 2 && body != `{"a":1}` // JSON is read here and not there
		switch {
		case (status == 0 || unread) != (err != nil):
			t.Errorf("%s: net/http gives %d %.40q, we %+v %v", name, status, body, reply, err)
		case err == nil && (reply.Status != status || (reply.Status/100 == 2 && reply.Size != len(body))):
			t.Errorf("%s: net/http gives %d %.40q, we %+v", name, status, body, reply)
		}
	}
}

// A source sends an answer too many. It must not become the answer to the next
// question, which is another person's.
func TestAnAnswerNobodyAskedForIsNobodys(t *testing.T) {
	for name, c := range map[string]struct{ at, late string }{
		"in the same breath": {length(`{"a":1}`), ""}, "later": {"", length(`{"a":1}`)}, "a single byte": {"\n", ""},
	} {
		heard, told := make(chan struct{}), make(chan struct{})
		base, connections := wire(t, func(conn net.Conn, _ int, r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(conn, length(string(body))+c.at)
			<-heard
			_, _ = io.WriteString(conn, c.late)
			told <- struct{}{}
			return true
		})
		h := caller(clock.At(at), &signer{clock: clock.At(at)})
		for n := range 3 {
			q := call(base, assertion())
			q.Body = fmt.Appendf(nil, `{"a":%d}`, n+10)
			reply, err := h.Call(t.Context(), q)
			if m, _ := reply.Answer.(map[string]any); err != nil || m["a"] != int64(n+10) {
				t.Errorf("%s: %+v %v", name, reply, err)
			}
			heard <- struct{}{}
			<-told
		}
		if connections.Load() != 3 {
			t.Errorf("%s: %d connections for 3 questions", name, connections.Load())
		}
		h.Close()
	}
}

func TestAConnectionIsKeptAndOneThatWasClosedMadeAnew(t *testing.T) {
	base, connections := wire(t, func(conn net.Conn, n int, _ *http.Request) bool {
		if n == 3 {
			_, _ = io.WriteString(conn, length(`{}`))
			return false // hangs up without a word
		}
		_, _ = io.WriteString(conn, length(`{}`))
		return true
	})
	h := caller(clock.At(at), &signer{clock: clock.At(at)})
	for range 8 {
		if _, err := h.Call(t.Context(), call(base, assertion())); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
	h.Close()
}

// A source closes an idle connection in the moment in which it is used: the
// question goes out once more, once.
func TestAQuestionLostOnAnOldConnectionIsAskedAgainOnce(t *testing.T) {
	for name, c := range map[string]struct {
		lost func(n int64) bool // which requests of the source are lost
		asks int64
		fine bool
	}{
		"once":   {func(n int64) bool { return n == 2 }, 3, true},
		"always": {func(n int64) bool { return n >= 2 }, 3, false},
	} {
		var asked atomic.Int64
		base, _ := wire(t, func(conn net.Conn, _ int, _ *http.Request) bool {
			if c.lost(asked.Add(1)) {
				return false
			}
			_, _ = io.WriteString(conn, length(`{}`))
			return true
		})
		h := caller(clock.At(at), &signer{clock: clock.At(at)})
		if _, err := h.Call(t.Context(), call(base, assertion())); err != nil {
			t.Fatal(err)
		}
		_, err := h.Call(t.Context(), call(base, assertion()))
		if (err == nil) != c.fine || asked.Load() != c.asks {
			t.Errorf("%s: asked %d times, %v", name, asked.Load(), err)
		}
		h.Close()
	}
}

// What was half answered is not asked again.
func TestAHalfAnswerIsNotAskedForAgain(t *testing.T) {
	var asked atomic.Int64
	base, _ := wire(t, func(conn net.Conn, _ int, _ *http.Request) bool {
		if asked.Add(1) == 2 {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			return false
		}
		_, _ = io.WriteString(conn, length(`{}`))
		return true
	})
	h := caller(clock.At(at), &signer{clock: clock.At(at)})
	if _, err := h.Call(t.Context(), call(base, assertion())); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Call(t.Context(), call(base, assertion())); fault.CodeOf(err) != province.ReasonDown || asked.Load() != 2 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

func TestACallEndsWithItsDeadlineWhereverTheSourceStops(t *testing.T) {
	for name, part := range map[string]string{"before the answer": "", "within the header": "HTTP/1.1 200 OK\r\nX: ", "within the body": "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{"} {
		release := make(chan struct{})
		base, _ := wire(t, func(conn net.Conn, _ int, _ *http.Request) bool {
			_, _ = io.WriteString(conn, part)
			<-release
			return false
		})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(ctx, call(base, assertion()))
		cancel()
		close(release)
		if fault.CodeOf(err) != province.ReasonTimeout {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoCallsNeverShareAConnection(t *testing.T) {
	base, _ := wire(t, func(conn net.Conn, _ int, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(conn, length(string(body)))
		return true
	})
	h := caller(clock.At(at), &signer{clock: clock.At(at)})
	var all sync.WaitGroup
	for who := range 16 {
		all.Go(func() {
			for n := range 50 {
				q := call(base, assertion())
				q.Body = fmt.Appendf(nil, `{"who":%d,"n":%d}`, who, n)
				reply, err := h.Call(t.Context(), q)
				if m, _ := reply.Answer.(map[string]any); err != nil || m["who"] != int64(who) || m["n"] != int64(n) {
					t.Errorf("%d %d: %+v %v", who, n, reply, err)
				}
			}
		})
	}
	all.Wait()
	h.Close()
}

func TestAHeaderIsOneLine(t *testing.T) {
	var calls atomic.Int64
	url := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	q := call(url, assertion())
	q.Key = "a\r\nAuthorization: x"
	if _, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), q); err == nil || calls.Load() != 0 {
		t.Fatal(err, calls.Load())
	}
}

// Certificates are checked: by whom they are signed, and for which name.
func TestTLSIsVerified(t *testing.T) {
	var calls atomic.Int64
	source := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.ProtoMajor != 1 || r.TLS.Version < tls.VersionTLS12 {
			t.Error(r.Proto, r.TLS.Version)
		}
		_, _ = io.WriteString(w, `{"a":1}`)
	}))
	source.EnableHTTP2, source.Config.ErrorLog = true, log.New(io.Discard, "", 0)
	source.StartTLS()
	t.Cleanup(source.Close)
	roots := x509.NewCertPool()
	roots.AddCert(source.Certificate())
	of := func(roots *x509.CertPool) *provincehttp.Caller {
		return provincehttp.New(provincehttp.Deps{Clock: clock.At(at), Assertions: &signer{clock: clock.At(at)}, Config: provincehttp.Config{AllowLoopback: true, Roots: roots}})
	}
	trusting := of(roots)
	for range 3 {
		if reply, err := trusting.Call(t.Context(), call(source.URL, assertion())); err != nil || reply.Status != http.StatusOK {
			t.Fatal(err)
		}
	}
	trusting.Close()
	if _, err := of(nil).Call(t.Context(), call(source.URL, assertion())); fault.CodeOf(err) != province.ReasonDown || !isCertificate(err) {
		t.Errorf("an unknown authority: %v", err)
	}
	// The certificate of httptest is for example.com and 127.0.0.1.
	if _, err := of(roots).Call(t.Context(), call(strings.Replace(source.URL, "127.0.0.1", "localhost", 1), assertion())); fault.CodeOf(err) != province.ReasonDown || !isCertificate(err) {
		t.Errorf("another name: %v", err)
	}
	old := httptest.NewUnstartedServer(source.Config.Handler)
	old.TLS, old.Config.ErrorLog = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, log.New(io.Discard, "", 0)
	old.StartTLS()
	t.Cleanup(old.Close)
	if _, err := of(roots).Call(t.Context(), call(old.URL, assertion())); fault.CodeOf(err) != province.ReasonDown || isCertificate(err) {
		t.Errorf("nothing later than TLS 1.1: %v", err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls", calls.Load())
	}
}

func isCertificate(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

// An answer too many in one TLS record is no one's either.
func TestAStrayAnswerWithinTLSIsNobodys(t *testing.T) {
	source := httptest.NewTLSServer(nil)
	certificate, roots := source.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(source.Certificate())
	source.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int64
	var all sync.WaitGroup
	t.Cleanup(func() { _ = ln.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				in := bufio.NewReader(conn)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					body, _ := io.ReadAll(r.Body)
					// One record: the answer fills the reader's buffer, so that
					// what is too many stays within TLS.
					pad := strings.Repeat(" ", 4096-len(length(string(body)+strings.Repeat(" ", 4000)))+4000)
					_, _ = io.WriteString(conn, length(string(body)+pad)+length(`{"a":1}`))
				}
			})
		}
	})
	h := provincehttp.New(provincehttp.Deps{Clock: clock.At(at), Assertions: &signer{clock: clock.At(at)}, Config: provincehttp.Config{AllowLoopback: true, Roots: roots}})
	for n := range 3 {
		q := call("https://"+ln.Addr().String(), assertion())
		q.Body = fmt.Appendf(nil, `{"a":%d}`, n+10)
		reply, err := h.Call(t.Context(), q)
		if m, _ := reply.Answer.(map[string]any); err != nil || m["a"] != int64(n+10) {
			t.Errorf("%+v %v", reply, err)
		}
	}
	if connections.Load() != 3 {
		t.Errorf("%d connections", connections.Load())
	}
	h.Close()
}

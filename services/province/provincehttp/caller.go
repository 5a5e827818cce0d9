package provincehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
)

const (
	// MaxAnswer is how many bytes an answer may have once decompressed.
	MaxAnswer = 256 << 10
	// maxHeader is how many bytes its header may have.
	maxHeader = 16 << 10
	// connections to one app at most, idle ones too: a few more than province's
	// budget of calls, so that the pool never makes a call wait.
	connections = 40
	// idleFor is how long an unused connection is kept. Our choice: below the
	// 60 s after which many proxies close theirs.
	idleFor = 50 * time.Second
	// dialFor is how long a connection may take to be made.
	dialFor = 3 * time.Second
)

// AssertionSigner signs the platform's client assertions; access does.
type AssertionSigner interface {
	// Assertion gives a JWT for the audience that lives at most 60 s.
	Assertion(audience string) (string, error)
}

// Config is what may differ between a developer's machine and production.
type Config struct {
	// AllowLoopback lets calls go to this machine. For the dev profile only.
	AllowLoopback bool
	// RID is the platform's requester id in the signed envelope.
	RID string
}

// Deps is what a Caller works with.
type Deps struct {
	Clock      clock.Clock
	Assertions AssertionSigner
	// Secrets are what the platform shares with apps of the signed envelope.
	Secrets map[ids.AppID]string
	Config  Config
}

// Caller calls sources. It is safe for concurrent use.
type Caller struct {
	d       Deps
	clients sync.Map // ids.AppID → *client
	buffers sync.Pool
}

var _ province.Caller = (*Caller)(nil)

// New makes a caller.
func New(d Deps) *Caller {
	return &Caller{d: d, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

// Close closes the idle connections.
func (c *Caller) Close() {
	c.clients.Range(func(_, v any) bool {
		v.(*client).transport.CloseIdleConnections()
		return true
	})
}

// client is one app's connections, and what is prepared for its calls.
type client struct {
	transport *http.Transport
	proof     proof
	urls      sync.Map // base+path → *url.URL
}

func (c *Caller) client(app ids.AppID) *client {
	if known, ok := c.clients.Load(app); ok {
		return known.(*client)
	}
	fresh := &client{transport: &http.Transport{
		DialContext:            dialer(c.d.Config),
		MaxIdleConns:           connections,
		MaxIdleConnsPerHost:    connections,
		MaxConnsPerHost:        connections,
		IdleConnTimeout:        idleFor,
		TLSHandshakeTimeout:    dialFor,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
	}}
	known, _ := c.clients.LoadOrStore(app, fresh)
	return known.(*client)
}

// Call carries one call, as province.Caller promises. It goes to the transport
// itself: nothing there follows a redirect or keeps a cookie.
func (c *Caller) Call(ctx context.Context, call province.Call) (province.Reply, error) {
	const op = "provincehttp.Call"
	cl := c.client(call.App.ID)
	u, err := cl.url(call.App.Manifest.Connector.Endpoint(call.Area), call.Capability.Path)
	if err != nil {
		return province.Reply{}, fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
	}
	req := request(ctx, u, call)
	if err := c.prove(cl, call.App, req.Header); err != nil {
		return province.Reply{}, fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
	}
	res, err := cl.transport.RoundTrip(req)
	if err != nil {
		return province.Reply{}, failure(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	buf := c.buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer c.buffers.Put(buf)
	n, err := buf.ReadFrom(io.LimitReader(res.Body, MaxAnswer+1))
	if err != nil {
		return province.Reply{}, failure(ctx, err)
	}
	if n > MaxAnswer {
		return province.Reply{}, invalid(errors.New("the answer is too large"))
	}
	reply := province.Reply{Status: res.StatusCode, Size: int(n)}
	reply.Answer, err = decode(res.Header.Get("Content-Type"), buf.Bytes())
	if err != nil && res.StatusCode/100 == 2 {
		return province.Reply{}, invalid(err)
	}
	return reply, nil // a failure may come as HTML: its status says enough
}

func request(ctx context.Context, u *url.URL, call province.Call) *http.Request {
	header := http.Header{
		"Accept":     {"application/json, application/xml;q=0.9"},
		"User-Agent": {"tongban"},
	}
	req := &http.Request{Method: call.Capability.Method, URL: u, Host: u.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if len(call.Body) > 0 {
		header["Content-Type"] = []string{"application/json; charset=utf-8"}
		req.ContentLength = int64(len(call.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(call.Body)), nil }
		req.Body, _ = req.GetBody()
	}
	if call.Key != "" {
		header["Idempotency-Key"] = []string{call.Key}
	} else {
		// A read, though by POST: an empty list is not sent, and tells the
		// transport that it may try again on a new connection when the source
		// closed an idle one in the same moment.
		header["X-Idempotency-Key"] = nil
	}
	return req.WithContext(ctx)
}

func (cl *client) url(base, path string) (*url.URL, error) {
	if known, ok := cl.urls.Load(base + path); ok {
		return known.(*url.URL), nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	if u.Path == "" {
		u.Path = "/" // else JoinPath gives a relative path, which is no request target
	}
	u = u.JoinPath(path)
	cl.urls.Store(base+path, u)
	return u, nil
}

// failure says what kind of failure err is. Errors of net/http may quote the
// address, which is the manifest's; never a body.
func failure(ctx context.Context, err error) error {
	const op = "provincehttp.Call"
	if ctxErr := ctx.Err(); ctxErr != nil {
		return fault.New(op, fault.Unavailable, province.ReasonTimeout).Because(ctxErr)
	}
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && timeout.Timeout() {
		return fault.New(op, fault.Unavailable, province.ReasonTimeout).Because(err)
	}
	return fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
}

func invalid(err error) error {
	return fault.New("provincehttp.Call", fault.Unavailable, province.ReasonInvalid).Because(err)
}

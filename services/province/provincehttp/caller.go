package provincehttp

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/dialout"
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
	// Roots are the authorities whose certificates sources may show; nil takes
	// the machine's.
	Roots *x509.CertPool
}

func (c Config) reach() dialout.Reach {
	if c.AllowLoopback {
		return dialout.WithLoopback
	}
	return dialout.Public
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
		v.(*client).pools.Range(func(_, v any) bool {
			v.(*pool).close()
			return true
		})
		return true
	})
}

// client is one app's connections, and what is prepared for its calls.
type client struct {
	config    Config
	proof     proof
	endpoints sync.Map // method, base and path → *endpoint
	pools     sync.Map // origin → *pool
}

func (c *Caller) client(app ids.AppID) *client {
	if known, ok := c.clients.Load(app); ok {
		return known.(*client)
	}
	known, _ := c.clients.LoadOrStore(app, &client{config: c.d.Config})
	return known.(*client)
}

// Call carries one call, as province.Caller promises. No redirect is followed
// and no cookie kept: both are words of a source that nobody here listens to.
func (c *Caller) Call(ctx context.Context, call province.Call) (province.Reply, error) {
	const op = "provincehttp.Call"
	cl, connector := c.client(call.App.ID), &call.App.Manifest.Connector
	to, err := cl.endpoint(call.Capability.Method, connector.Endpoint(call.Name, call.Area), call.Capability.Path)
	if err != nil {
		return province.Reply{}, fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
	}
	buf := c.buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer c.buffers.Put(buf)
	request, err := c.request(buf.AvailableBuffer(), to, cl, call)
	if errors.Is(err, errQuestion) {
		return province.Reply{}, fault.New(op, fault.Invalid, province.ReasonRefused).Because(err)
	}
	if err != nil {
		return province.Reply{}, fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
	}
	_, _ = buf.Write(request) // keeps what it grew to; never fails
	body := c.buffers.Get().(*bytes.Buffer)
	body.Reset()
	defer c.buffers.Put(body)
	got, err := to.exchange(ctx, buf.Bytes(), body)
	if err != nil {
		return province.Reply{}, failure(ctx, err)
	}
	reply := province.Reply{Status: got.status, Size: body.Len()}
	reply.Answer, err = decode(got.media, connector.Wire, body.Bytes(), call.Wants)
	if err != nil && got.status/100 == 2 {
		return province.Reply{}, Unreadable(err)
	}
	return reply, nil // a failure may come as HTML: its status says enough
}

// request appends what is sent.
func (c *Caller) request(b []byte, to *endpoint, cl *client, call province.Call) ([]byte, error) {
	b, err := c.prove(append(b, to.head...), cl, call.App)
	if err != nil {
		return nil, err
	}
	if call.Key != "" {
		if b, err = field(b, "Idempotency-Key", call.Key); err != nil {
			return nil, err
		}
	}
	body := call.Body
	if len(body) > 0 {
		var media string
		if body, media, err = Encode(call.App.Manifest.Connector.Wire, body); err != nil {
			return nil, err
		}
		if b, err = field(b, "Content-Type", media); err != nil {
			return nil, err
		}
	}
	if len(body) > 0 || call.Capability.Method != http.MethodGet {
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), int64(len(body)), 10), "\r\n"...)
	}
	return append(append(b, "\r\n"...), body...), nil
}

// field appends a line of the header. A value that would be more than a line
// is refused.
func field(b []byte, name, value string) ([]byte, error) {
	for i := range len(value) {
		if c := value[i]; (c < ' ' && c != '\t') || c == 0x7f {
			return nil, errors.New("provincehttp: a header's value has a control character")
		}
	}
	b = append(append(b, name...), ": "...)
	return append(append(b, value...), "\r\n"...), nil
}

// failure says what kind of failure err is. Errors of net may quote the
// address, which is the manifest's; never a body.
func failure(ctx context.Context, err error) error {
	const op = "provincehttp.Call"
	if errors.Is(err, errTooLarge) {
		return Unreadable(err)
	}
	if ctxErr := ctx.Err(); ctxErr != nil {
		return fault.New(op, fault.Unavailable, province.ReasonTimeout).Because(ctxErr)
	}
	if timedOut(err) {
		return fault.New(op, fault.Unavailable, province.ReasonTimeout).Because(err)
	}
	return fault.New(op, fault.Unavailable, province.ReasonDown).Because(err)
}

// Unreadable says of an error of Decode what the room is to say of it.
func Unreadable(err error) error {
	code := province.ReasonInvalid
	if errors.Is(err, errCharset) {
		code = province.ReasonCharset
	}
	return fault.New("provincehttp.Call", fault.Unavailable, code).Because(err)
}

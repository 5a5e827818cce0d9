package eventhttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/dialout"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
)

const (
	// Timeout is how long a receiver may take. Our choice: it need only keep the
	// event (RFC 8935 §2.2), and effects may come after its answer.
	Timeout = 5 * time.Second
	// maxAnswer is how much of an answer is read, in bytes. Our choice: an error
	// has a code and a sentence.
	maxAnswer = 4 << 10
	// atOnce is how many pushes an app has at a time. Our choice: a quarter of
	// the workers that such jobs have on PostgreSQL.
	atOnce = 4
	// busyWait is when a push that found no place is tried again.
	busyWait = time.Second
	idleFor  = 50 * time.Second
)

// Config is what may differ between a developer's machine and production.
type Config struct {
	Reach dialout.Reach
	// Roots are the authorities whose certificates receivers may show; nil takes
	// the machine's.
	Roots *x509.CertPool
}

// Sender pushes events. It is safe for concurrent use.
type Sender struct {
	client *http.Client

	mu     sync.Mutex
	places map[ids.AppID]chan struct{}
}

var _ access.Receivers = (*Sender)(nil)

// New makes a sender.
func New(c Config) *Sender {
	return &Sender{
		places: map[ids.AppID]chan struct{}{},
		client: &http.Client{
			Timeout:       Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext: dialout.Dialer(c.Reach), TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
				TLSHandshakeTimeout: dialout.Timeout, MaxResponseHeaderBytes: maxAnswer, DisableCompression: true,
				MaxConnsPerHost: atOnce, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: idleFor,
			},
		},
	}
}

// Close closes the idle connections.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// Push posts a security event token, as access.Receivers promises.
func (s *Sender) Push(ctx context.Context, app ids.AppID, to, event string) error {
	const op = "eventhttp.Push"
	if unit.In(ctx) {
		return fault.New(op, fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	}
	place := s.place(app)
	select {
	case place <- struct{}{}:
		defer func() { <-place }()
	default:
		return notTaken(op).After(busyWait)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(event))
	if err != nil {
		return fault.New(op, fault.Invalid, "EVENT_REFUSED").Becausef("no address")
	}
	req.Header.Set("Content-Type", "application/secevent+jwt")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tongban")
	res, err := s.client.Do(req)
	if err != nil {
		return notTaken(op).Because(errors.New("no answer")) // the cause names the address
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return notTaken(op).Because(errors.New("the answer breaks off"))
	}
	return fault.Wrap(op, read(res, body))
}

func (s *Sender) place(app ids.AppID) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.places[app]
	if !known {
		p = make(chan struct{}, atOnce)
		s.places[app] = p
	}
	return p
}

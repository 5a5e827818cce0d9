package provincehttp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// maxInterim is how many 1xx may precede an answer, as in net/http.
const maxInterim = 5

var (
	errInterim  = errors.New("provincehttp: too many interim answers")
	errTooLarge = errors.New("provincehttp: the answer is too large")
)

// sent is what a source answered.
type sent struct {
	status int
	media  string // Content-Type
}

// exchange sends a request and reads the answer's body into buf. A request
// that a kept connection did not carry, because the source closed it in the
// same moment, goes out once more on a new one: all that we send are reads, or
// carry the key by which the source knows them again.
func (e *endpoint) exchange(ctx context.Context, request []byte, buf *bytes.Buffer) (sent, error) {
	if err := take(ctx, e.pool.slots); err != nil {
		return sent{}, err
	}
	defer func() { <-e.pool.slots }()
	if l := e.pool.used(); l != nil {
		got, err := e.over(ctx, l, request, buf)
		if err == nil || l.got || ctx.Err() != nil || timedOut(err) {
			return got, err
		}
	}
	l, err := e.pool.fresh(ctx)
	if err != nil {
		return sent{}, err
	}
	return e.over(ctx, l, request, buf)
}

// over has one exchange over l, and keeps l or closes it.
func (e *endpoint) over(ctx context.Context, l *line, request []byte, buf *bytes.Buffer) (sent, error) {
	until, _ := ctx.Deadline()
	if err := l.SetDeadline(until); err != nil {
		l.close()
		return sent{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.SetDeadline(past) })
	l.got = false
	_, unsent := l.Write(request)
	// A source may answer before it has read all; then its answer counts.
	got, again, err := read(l, e.asks, buf)
	if err != nil && unsent != nil && !l.got {
		err = unsent
	}
	if stop() && again && unsent == nil && err == nil {
		e.pool.keep(l)
	} else {
		l.close()
	}
	return got, err
}

// read reads one answer by net/http's own parser. again tells whether the
// connection may carry another.
func read(l *line, asked *http.Request, buf *bytes.Buffer) (got sent, again bool, err error) {
	l.left = maxHeader
	res, err := http.ReadResponse(l.in, asked)
	for n := 0; err == nil && res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols; n++ {
		if n == maxInterim {
			return sent{}, false, errInterim
		}
		res, err = http.ReadResponse(l.in, asked)
	}
	l.left = -1
	if err != nil {
		return sent{}, false, err
	}
	got = sent{status: res.StatusCode, media: res.Header.Get("Content-Type")}
	if got.status == http.StatusSwitchingProtocols {
		return got, false, nil // nothing that we asked for, and no body
	}
	from := io.LimitedReader{R: res.Body, N: MaxAnswer + 1}
	if res.ContentLength != 0 && strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		err = inflate(&from, buf)
	} else {
		_, err = buf.ReadFrom(&from)
	}
	if from.N == 0 || buf.Len() > MaxAnswer { // as sent, and as decompressed
		err = errTooLarge
	}
	return got, err == nil && !res.Close && l.in.Buffered() == 0, err
}

// inflate reads gzip, up to MaxAnswer and a byte.
func inflate(from io.Reader, buf *bytes.Buffer) error {
	z, _ := inflaters.Get().(*gzip.Reader)
	if z == nil {
		z = new(gzip.Reader)
	}
	defer inflaters.Put(z)
	if err := z.Reset(from); err != nil {
		if errors.Is(err, io.EOF) {
			return nil // no body at all
		}
		return err
	}
	_, err := buf.ReadFrom(io.LimitReader(z, MaxAnswer+1))
	return err
}

var inflaters sync.Pool // of *gzip.Reader

func timedOut(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

package oidcsource

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

var (
	errBusy  = errors.New("the source can't serve now")
	errLarge = errors.New("the source's answer is too large")
)

// newClient gives the client for one source: bounded in time and size, and
// following no redirect, since a source has no reason to send us elsewhere.
func newClient() *http.Client {
	return &http.Client{
		Timeout: callTimeout,
		Transport: bounded{&http.Transport{
			DialContext:           (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   2 * time.Second,
			ResponseHeaderTimeout: callTimeout,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
			ForceAttemptHTTP2:     true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded cuts answers and turns "not now" into a failure of the call, so that
// it is told apart from a refusal whoever reads the answer.
type bounded struct{ next http.RoundTripper }

// RoundTrip makes one call.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%w: status %d", errBusy, answer.StatusCode)
	}
	answer.Body = &cut{ReadCloser: answer.Body, left: maxAnswer}
	return answer, nil
}

type cut struct {
	io.ReadCloser
	left int
}

// Read fails once more than the bound has come.
func (c *cut) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.left -= n; c.left < 0 {
		return 0, errLarge
	}
	return n, err
}

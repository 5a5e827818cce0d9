package provincehttp

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/dialout"
)

// endpoint is one address that calls go to, with what is the same in each.
type endpoint struct {
	pool *pool
	head []byte        // from the request line on, without the last empty line
	asks *http.Request // what an answer is read for; never changed
}

// origin is what a connection may be shared by.
type origin struct{ scheme, host string }

// endpoint gives the place of a call, made ready at the first.
func (cl *client) endpoint(method, base, path string) (*endpoint, error) {
	name := method + " " + base + path
	if known, ok := cl.endpoints.Load(name); ok {
		return known.(*endpoint), nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	if u.Path == "" {
		u.Path = "/" // else JoinPath gives a relative path, which is no request target
	}
	u = u.JoinPath(path)
	head, host, err := heading(method, u)
	if err != nil {
		return nil, err
	}
	p, err := cl.pool(u, host)
	if err != nil {
		return nil, err
	}
	known, _ := cl.endpoints.LoadOrStore(name, &endpoint{pool: p, head: head, asks: &http.Request{Method: method}})
	return known.(*endpoint), nil
}

// heading gives the first lines of a request, written by net/http: how a URL
// becomes a request target and a Host is its knowledge.
func heading(method string, u *url.URL) (head []byte, host string, err error) {
	req := &http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{"User-Agent": {"tongban"}}}
	var b bytes.Buffer
	if err := req.Write(&b); err != nil {
		return nil, "", err
	}
	written, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b.Bytes())))
	if err != nil {
		return nil, "", err
	}
	first, _, _ := bytes.Cut(b.Bytes(), []byte("\r\n"))
	head = append(head, first...)
	head = append(head, "\r\nHost: "+written.Host+"\r\nUser-Agent: tongban\r\nAccept: application/json, application/xml;q=0.9\r\nAccept-Encoding: gzip\r\n"...)
	return head, written.Host, nil
}

func (cl *client) pool(u *url.URL, host string) (*pool, error) {
	t := target{address: host}
	name, _, err := net.SplitHostPort(host)
	if err != nil { // no port
		name = host
		if n := len(name); n > 1 && name[0] == '[' && name[n-1] == ']' {
			name = name[1 : n-1]
		}
		t.address = net.JoinHostPort(name, map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	switch u.Scheme {
	case "http":
	case "https":
		t.tls = &tls.Config{ServerName: name, NextProtos: []string{"http/1.1"}, RootCAs: cl.config.Roots, MinVersion: tls.VersionTLS12}
	default:
		return nil, errors.New("provincehttp: an endpoint is http or https")
	}
	known, _ := cl.pools.LoadOrStore(origin{u.Scheme, t.address}, newPool(dialout.Dialer(cl.config.reach()), t))
	return known.(*pool), nil
}

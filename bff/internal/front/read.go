package front

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
)

// MaxBody is how large a request may be: our longest document with its
// variables is a tenth of it.
const MaxBody = 64 << 10

// params are what a request says in GraphQL over HTTP.
type params struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// hash gives the id of a document named by Apollo's persistedQuery extension.
func (p *params) hash() string {
	e, _ := p.Extensions["persistedQuery"].(map[string]any)
	h, _ := e["sha256Hash"].(string)
	return h
}

// read gives what a request asks. It never reads more than MaxBody.
func (f *Front) read(r *http.Request) (*params, *refusal) {
	const op = "front.read"
	switch {
	case r.Method == http.MethodPost:
		return readPost(r)
	case r.Method == http.MethodGet && f.Profile == config.Dev:
		return readGet(r)
	}
	return nil, refuse(http.StatusMethodNotAllowed, fault.New(op, fault.Invalid, "METHOD_NOT_ALLOWED"))
}

func readPost(r *http.Request) (*params, *refusal) {
	const op = "front.read"
	if !jsonBody(r.Header) {
		return nil, refuse(http.StatusUnsupportedMediaType, fault.New(op, fault.Invalid, "CONTENT_TYPE_UNSUPPORTED"))
	}
	tooLarge := over(fault.New(op, fault.Invalid, "BODY_TOO_LARGE"), MaxBody)
	if r.ContentLength > MaxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, tooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, fault.New(op, fault.Invalid, "BODY_UNREADABLE"))
	}
	if len(body) > MaxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, tooLarge)
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return nil, refuse(http.StatusBadRequest, fault.New(op, fault.Invalid, "BATCH_REFUSED"))
	}
	p := &params{}
	if err := decode(body, p); err != nil {
		return nil, refuse(http.StatusBadRequest, fault.New(op, fault.Invalid, "JSON_MALFORMED"))
	}
	return p, nil
}

// jsonBody tells whether the body is JSON in UTF-8, not encoded further.
func jsonBody(h http.Header) bool {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	encoding := strings.ToLower(h.Get("Content-Encoding"))
	return err == nil && media == "application/json" &&
		(charset == "" || charset == "utf-8") && (encoding == "" || encoding == "identity")
}

func readGet(r *http.Request) (*params, *refusal) {
	const op = "front.read"
	if len(r.URL.RawQuery) > MaxBody {
		return nil, refuse(http.StatusRequestURITooLong, over(fault.New(op, fault.Invalid, "BODY_TOO_LARGE"), MaxBody))
	}
	q := r.URL.Query()
	p := &params{Query: q.Get("query"), OperationName: q.Get("operationName")}
	for name, to := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if v := q.Get(name); v != "" {
			if err := decode([]byte(v), to); err != nil {
				return nil, refuse(http.StatusBadRequest, fault.New(op, fault.Invalid, "JSON_MALFORMED"))
			}
		}
	}
	return p, nil
}

// decode reads one JSON value and nothing after it; numbers keep their digits.
func decode(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fault.New("front.decode", fault.Invalid, "JSON_MALFORMED")
	}
	return nil
}

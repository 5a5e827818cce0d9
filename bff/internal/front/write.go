package front

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tongban/tongban/internal/fault"
)

// The two media types of GraphQL over HTTP.
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// negotiate gives the media type to answer in; empty when the client takes
// neither. Where it takes both we give what it names first, and JSON, which
// every client reads, to those that name none.
func negotiate(accept []string) string {
	header := strings.ToLower(strings.Join(accept, ","))
	if strings.TrimSpace(header) == "" {
		return mediaJSON
	}
	for part := range strings.SplitSeq(header[:min(len(header), 1024)], ",") {
		media, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.Contains(strings.ReplaceAll(params, " ", "")+";", "q=0;") {
			continue
		}
		switch strings.TrimSpace(media) {
		case mediaResponse:
			return mediaResponse
		case mediaJSON, "application/*", "*/*":
			return mediaJSON
		}
	}
	return ""
}

// reply is one answer, its data already encoded.
type reply struct {
	media  string
	status int
	data   json.RawMessage // nil: no data key
	errs   gqlerror.List
	// extensions are for developers; nil in production and where nobody asked.
	extensions *extensions
}

// write sends a. The data goes out as the executor encoded it; only the errors
// are encoded here.
func (a reply) write(w http.ResponseWriter) {
	b := buffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= 1<<20 {
			buffers.Put(b)
		}
	}()
	b.Reset()
	b.WriteByte('{')
	if len(a.errs) > 0 {
		b.WriteString(`"errors":`)
		encoder := json.NewEncoder(b)
		if err := encoder.Encode(a.errs[:min(len(a.errs), MaxErrors)]); err != nil {
			b.WriteString("[]")
		} else {
			b.Truncate(b.Len() - 1) // the encoder ends with a line break
		}
		if a.data != nil {
			b.WriteByte(',')
		}
	}
	if a.data != nil {
		b.WriteString(`"data":`)
		b.Write(a.data)
	}
	a.extensions.write(b)
	b.WriteByte('}')
	h := w.Header()
	h.Set("Content-Type", a.media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(b.Bytes()) // a client that went away is nobody's fault
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// headers sets what the status of a refusal asks for beside it.
func (no *refusal) headers(h http.Header) {
	switch no.status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodPost)
	case http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close")
	}
	for _, err := range no.errs {
		if f, ok := err.(*fault.Error); ok && f.Retry > 0 {
			h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.Retry.Seconds()))))
		}
	}
}

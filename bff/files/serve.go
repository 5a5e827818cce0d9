package files

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/tongban/tongban/bff/internal/front"
	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/bff/internal/sender"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/material"
)

const (
	// pauseMost is how long a line may say nothing while a content goes over it.
	// Our choice: a phone between two cells comes back within it.
	pauseMost = 20 * time.Second
	// wholeMost is how long a content may take. Our choice: 10 MiB at 34 kB/s,
	// well below the slowest mobile lines in use.
	wholeMost = 5 * time.Minute
)

// steady reads a body for as long as it keeps coming: the listener's own limit
// of half a minute is for bodies of kilobytes.
type steady struct {
	body  io.Reader
	line  *http.ResponseController
	until time.Time
}

func steadily(w http.ResponseWriter, r *http.Request) io.Reader {
	return &steady{body: r.Body, line: http.NewResponseController(w), until: time.Now().Add(wholeMost)} // the line's clock is the machine's
}

// Read reads on, unless the line has paused or taken for too long.
func (s *steady) Read(p []byte) (int, error) {
	end := time.Now().Add(pauseMost)
	if s.until.Before(end) {
		end = s.until
	}
	_ = s.line.SetReadDeadline(end) // a line without deadlines is a test's
	return s.body.Read(p)
}

// paced writes to a line that must keep taking.
type paced struct {
	to   io.Writer
	line *http.ResponseController
}

// Write writes on, unless the line takes nothing for too long.
func (p paced) Write(b []byte) (int, error) {
	_ = p.line.SetWriteDeadline(time.Now().Add(pauseMost))
	return p.to.Write(b)
}

// serve sends a content so that nobody keeps it and no browser runs it.
func (f *door) serve(w http.ResponseWriter, r *http.Request, c material.Content, err error) {
	if err == nil && r.Method != http.MethodGet {
		err = fault.New("files.serve", fault.Invalid, "METHOD_NOT_ALLOWED")
	}
	sum, malformed := hex.DecodeString(c.SHA256)
	if err = errors.Join(err, malformed); err != nil {
		f.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", c.MediaType)
	h.Set("Content-Length", strconv.FormatInt(c.Bytes, 10))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	line := http.NewResponseController(w)
	if err := c.Write(r.Context(), paced{to: w, line: line}); err != nil && fault.CodeOf(err) != "READER_GONE" {
		// The answer has begun: its length tells the reader that it was cut.
		f.Log.ErrorContext(r.Context(), "a content could not be read", slog.String("route", r.Pattern), slog.Any("error", err))
	}
}

// refusal is what a refused call is told; Detail as in the errors of GraphQL.
type refusal struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Detail  map[string]string `json:"detail,omitempty"`
}

func (f *door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	out, status := refusal{Code: fault.CodeOf(err)}, statusOf(err)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	f.Log.LogAttrs(r.Context(), level, "a call for a content is refused", slog.String("route", r.Pattern), slog.Any("error", err))
	switch e, ok := errors.AsType[*fault.Error](err); {
	case status == http.StatusNotFound:
		out.Code = "NOT_FOUND" // another's and none are told alike
	case status == http.StatusInternalServerError:
		out.Code = "INTERNAL"
	case ok:
		out.Detail = e.Detail
	}
	word := f.words.Of(out.Code, fault.KindOf(err).String())
	if out.Message = word.ZH; front.Language(r.Header.Get("Accept-Language")) == "en" {
		out.Message = word.EN
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	gate.TellWhen(h, err)
	if status == http.StatusUnauthorized {
		sender.Challenge(h, f.Tokens, out.Code)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // who asked may have gone
}

func statusOf(err error) int {
	switch fault.CodeOf(err) {
	case "UPLOAD_TOO_LARGE":
		return http.StatusRequestEntityTooLarge
	case "UPLOAD_TYPE_WRONG":
		return http.StatusUnsupportedMediaType
	case "METHOD_NOT_ALLOWED":
		return http.StatusMethodNotAllowed
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Private, fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Expired:
		return http.StatusGone
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

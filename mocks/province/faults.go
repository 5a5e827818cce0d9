package province

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault modes; doc.go says what each does.
const (
	ModeOK          = "ok"
	ModeError       = "error"
	ModeGarbage     = "garbage"
	ModeSilence     = "silence"
	ModeWrongPerson = "wrong_person"
	ModeHuge        = "huge"
	ModeSlowBody    = "slow_body"
	// ModeHalfBatch has every second record of a batch fail; only a dialect
	// that codes single records can.
	ModeHalfBatch    = "half_batch"
	ModeWrongCharset = "wrong_charset"
	ModeBadBytes     = "bad_bytes"
	// ModeDenied has the receiver of events refuse them for good.
	ModeDenied = "denied"
)

// Fault is what goes wrong at a province.
type Fault struct {
	Mode      string `json:"mode"`
	LatencyMS int    `json:"latency_ms"`
	// ErrorRate is the share of requests that Mode hits; 0 = all.
	ErrorRate float64 `json:"error_rate"`
	// Paths are prefixes of request paths; none = every path.
	Paths []string `json:"paths"`
}

// hugeBody is how long the answer of ModeHuge is, in bytes.
const hugeBody = 64 << 20

// slowStep is how long ModeSlowBody waits before each few bytes.
const slowStep = 200 * time.Millisecond

type faults struct {
	mu      sync.Mutex
	current Fault
	due     float64 // hits owed by the error rate
}

// SetFault makes f hold from now on, in place of any fault before.
func (p *Province) SetFault(f Fault) error {
	if f.Mode == "" {
		f.Mode = ModeOK
	}
	modes := []string{ModeOK, ModeError, ModeGarbage, ModeSilence, ModeWrongPerson, ModeHuge, ModeSlowBody, ModeHalfBatch, ModeWrongCharset, ModeBadBytes, ModeDenied}
	if f.Mode == ModeHalfBatch && p.dialect.Wire != wireXML {
		return errors.New("province: this dialect has no codes for single records")
	}
	if !slices.Contains(modes, f.Mode) || f.ErrorRate < 0 || f.ErrorRate > 1 || f.LatencyMS < 0 {
		return errors.New("province: no such fault")
	}
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.current, p.faults.due = f, 0
	return nil
}

// ClearFault makes all well again.
func (p *Province) ClearFault() { _ = p.SetFault(Fault{}) } // the zero fault is always known

func (f *faults) get() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// strike tells what hits a request to path. A rate is spread evenly rather
// than drawn, so that a test of one in ten sees one in ten.
func (f *faults) strike(path string) (mode string, latency time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.current
	if len(c.Paths) > 0 && !slices.ContainsFunc(c.Paths, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
		return ModeOK, 0
	}
	latency = time.Duration(c.LatencyMS) * time.Millisecond
	mode = c.Mode
	if c.ErrorRate == 0 {
		return mode, latency
	}
	if mode == ModeOK {
		mode = ModeError
	}
	f.due += c.ErrorRate
	if f.due < 1-1e-9 {
		return ModeOK, latency
	}
	f.due--
	return mode, latency
}

type faultKey struct{}

// struck gives the mode of the fault that bends an answer, "" for none.
func struck(r *http.Request) string {
	mode, _ := r.Context().Value(faultKey{}).(string)
	return mode
}

// wrongPerson tells whether the answer is to be about somebody else.
func wrongPerson(r *http.Request) bool { return struck(r) == ModeWrongPerson }

func (p *Province) throughFaults(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	mode, latency := p.faults.strike(r.URL.Path)
	if mode != ModeOK && mode != "" {
		p.note(r, func(e *Entry) { e.Fault = mode })
	}
	if mode == ModeSilence || latency > 0 {
		// Only a connection whose request was read tells that the client went.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	if latency > 0 && p.config.wait(ctx, latency) != nil {
		p.outcome(r, "client_gone")
		return
	}
	switch mode {
	case ModeError:
		p.outcome(r, "error")
		p.writeFailure(w, r, http.StatusServiceUnavailable, "failed", "系统繁忙(示例)")
	case ModeGarbage:
		p.outcome(r, "garbage")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{\"code\":200,\"data\":{\xff\xfe<html>")) // broken on purpose
	case ModeSilence:
		p.outcome(r, "silence")
		<-ctx.Done()
		panic(http.ErrAbortHandler) // answering nothing is the point
	case ModeWrongPerson, ModeHalfBatch, ModeWrongCharset, ModeBadBytes, ModeDenied:
		next(w, r.WithContext(context.WithValue(r.Context(), faultKey{}, mode)))
	case ModeHuge:
		p.outcome(r, "huge")
		writeHuge(w)
	case ModeSlowBody:
		next(&slowWriter{ResponseWriter: w, wait: func() error { return p.config.wait(ctx, slowStep) }}, r)
	default:
		next(w, r)
	}
}

// writeHuge writes well-formed JSON of hugeBody bytes, as far as the client takes it.
func writeHuge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, `{"code":200,"data":{},"pad":"`)
	chunk := bytes.Repeat([]byte("x"), 64<<10)
	for written := 0; err == nil && written < hugeBody; written += len(chunk) {
		_, err = w.Write(chunk)
	}
	if err == nil {
		_, _ = io.WriteString(w, `"}`) // the client may have gone: nobody to tell
	}
}

// slowWriter gives a body a few bytes at a time.
type slowWriter struct {
	http.ResponseWriter
	wait func() error
}

// Write waits before each piece.
func (w *slowWriter) Write(body []byte) (int, error) {
	const piece = 8
	written := 0
	for part := range slices.Chunk(body, piece) {
		if err := w.wait(); err != nil {
			return written, err
		}
		n, err := w.ResponseWriter.Write(part)
		written += n
		if err == nil {
			err = http.NewResponseController(w.ResponseWriter).Flush()
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

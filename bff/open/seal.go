package open

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net/http"

	"github.com/tongban/tongban/bff/internal/gate"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/material"
)

// The paths of seals.
const (
	SealKeysPath = material.KeysPath
	// SealsPath is the page on which anybody checks a seal, SealCheckPath what
	// it asks.
	SealsPath     = "/seals"
	SealCheckPath = "/seals/check"
)

//go:embed seal.html
var sealPage string

// Seals checks seals; material does.
type Seals interface {
	Check(ctx context.Context, seal, hash string) (material.Checked, error)
	Keys(ctx context.Context) (signing.JWKS, error)
}

// SealDeps is what the checking of seals works with.
type SealDeps struct {
	Seals   Seals
	Limiter limit.Limiter
	// Burst is what one person may spend in a minute.
	Burst int
	Log   *slog.Logger
}

type seals struct {
	SealDeps
	gate *gate.Gate
}

// NewSeals gives the handler by which anybody checks what was signed in the
// app: the public keys, a page, and what the page asks.
func NewSeals(d SealDeps) http.Handler {
	s := &seals{SealDeps: d, gate: gate.New(d.Limiter, "seals", d.Burst)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+SealKeysPath, s.keys)
	mux.HandleFunc("POST "+SealCheckPath, s.check)
	mux.HandleFunc("GET "+SealsPath, page(sealPage, "connect-src 'self'; style-src '"+hashOf(sealPage, "style")+"'; script-src '"+hashOf(sealPage, "script")+"'"))
	return mux
}

// keys gives the public keys of all times (RFC 7517).
func (s *seals) keys(w http.ResponseWriter, r *http.Request) {
	err := s.gate.Pass(r, gate.Look)
	var set signing.JWKS
	if err == nil {
		set, err = s.Seals.Keys(r.Context())
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	s.answer(w, r, "application/jwk-set+json", set, err)
}

// maxCheck is the longest question, in bytes. Our choice: a seal has about 900.
const maxCheck = 8 << 10

// check tells what a seal is worth.
func (s *seals) check(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Seal   string `json:"seal"`
		SHA256 string `json:"sha256"`
	}
	err := s.gate.Pass(r, gate.Call)
	if err == nil {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		raw, cut := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCheck))
		if kind != "application/json" || cut != nil || json.Unmarshal(raw, &ask) != nil || ask.Seal == "" {
			err = fault.New("open.check", fault.Invalid, "REQUEST_MALFORMED")
		}
	}
	var told material.Checked
	if err == nil {
		told, err = s.Seals.Check(r.Context(), ask.Seal, ask.SHA256)
	}
	w.Header().Set("Cache-Control", "no-store")
	s.answer(w, r, "application/json", told, err)
}

func (s *seals) answer(w http.ResponseWriter, r *http.Request, mediaType string, body any, err error) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", mediaType)
	if err != nil {
		status := http.StatusServiceUnavailable
		switch fault.KindOf(err) {
		case fault.Invalid:
			status = http.StatusBadRequest
		case fault.RateLimited:
			status = http.StatusTooManyRequests
		default:
			s.Log.ErrorContext(r.Context(), "a seal could not be checked", slog.Any("error", err))
		}
		gate.TellWhen(h, err)
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		body = map[string]string{"code": fault.CodeOf(err)}
	}
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}

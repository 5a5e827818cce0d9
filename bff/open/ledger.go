package open

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/tongban/tongban/services/ledger"
)

// LedgerKeysPath is where the public keys stand that ever signed a head of the
// ledger.
const LedgerKeysPath = ledger.KeysPath

// Heads knows the keys that sign heads; ledger does.
type Heads interface {
	SigningKeys(ctx context.Context) ([]ledger.SigningKey, error)
}

// NewLedgerKeys gives the JWK Set (RFC 7517) by which anybody verifies what a
// person exported of their ledger.
func NewLedgerKeys(h Heads, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys, err := h.SigningKeys(r.Context())
		if err != nil {
			log.ErrorContext(r.Context(), "the ledger's keys could not be read", slog.Any("error", err))
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		set := struct {
			Keys []json.RawMessage `json:"keys"`
		}{Keys: make([]json.RawMessage, len(keys))}
		for i, k := range keys {
			set.Keys[i] = json.RawMessage(k.JWK)
		}
		head := w.Header()
		head.Set("Content-Type", "application/jwk-set+json")
		head.Set("Cache-Control", "public, max-age=300")
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("X-Content-Type-Options", "nosniff")
		_ = json.NewEncoder(w).Encode(set) // the client may have gone
	})
}

package open_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/services/ledger"
)

type headKeys struct {
	keys []ledger.SigningKey
	err  error
}

func (h headKeys) SigningKeys(context.Context) ([]ledger.SigningKey, error) { return h.keys, h.err }

func TestAnybodyMayReadTheKeysThatSignHeads(t *testing.T) {
	ask := func(h headKeys) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		open.NewLedgerKeys(h, slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", open.LedgerKeysPath, nil))
		return w
	}
	w := ask(headKeys{keys: []ledger.SigningKey{{ID: "now", JWK: `{"kid":"now"}`}, {ID: "then", JWK: `{"kid":"then"}`, Mac: "secret"}}})
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Keys) != 2 || set.Keys[1]["kid"] != "then" || len(set.Keys[1]) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w.Header().Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("as %s", w.Header().Get("Content-Type"))
	}
	if w := ask(headKeys{err: errors.New("away")}); w.Code != 503 || w.Body.Len() != 0 {
		t.Errorf("when nobody can tell: %d %s", w.Code, w.Body)
	}
}

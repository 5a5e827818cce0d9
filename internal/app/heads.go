package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
)

// heads signs the ledger's heads with the key that signs tokens for others.
type heads struct{ keys signing.Keys }

var _ ledger.Signer = heads{}

// Sign signs claims, as ledger.Signer promises.
func (h heads) Sign(ctx context.Context, typ string, claims any) (string, ledger.SigningKey, error) {
	jws, err := h.keys.JWT(ctx, signing.ES256, typ, claims)
	if err != nil {
		return "", ledger.SigningKey{}, err
	}
	var header struct{ Kid string }
	first, _, _ := strings.Cut(jws, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(raw, &header) != nil {
		return "", ledger.SigningKey{}, errors.New("app: a header of our own can't be read")
	}
	for _, k := range h.Keys() {
		if k.ID == header.Kid {
			return jws, k, nil
		}
	}
	return "", ledger.SigningKey{}, errors.New("app: signed by a key that is none of ours")
}

// Keys gives the ES256 keys of the ring, as ledger.Signer promises.
func (h heads) Keys() []ledger.SigningKey {
	var keys []ledger.SigningKey
	for _, k := range h.keys.JWKS().Keys {
		raw, err := json.Marshal(k)
		if _, alg, bad := k.Public(); err == nil && bad == nil && alg == signing.ES256 {
			keys = append(keys, ledger.SigningKey{ID: k.KeyID, JWK: string(raw)})
		}
	}
	return keys
}

// Open opens what Sign gave, as ledger.Signer promises.
func (heads) Open(jws, typ string, keys []ledger.SigningKey) ([]byte, error) {
	set := signing.JWKS{Keys: make([]signing.JWK, len(keys))}
	for i, k := range keys {
		if err := json.Unmarshal([]byte(k.JWK), &set.Keys[i]); err != nil {
			return nil, fmt.Errorf("app: a kept key can't be read: %w", err)
		}
	}
	return signing.Lasting(jws, signing.ES256, typ, set.Find)
}

// OpenHead gives what opens an export's signed heads by a JWK Set: of a file,
// or of the issuer's ledger.KeysPath.
func OpenHead(jwks []byte) (func(jws string) ([]byte, error), error) {
	set, err := signing.ParseJWKS(jwks)
	if err != nil {
		return nil, err
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("the JWK Set holds no key that could have signed")
	}
	return func(jws string) ([]byte, error) {
		return signing.Lasting(jws, signing.ES256, ledger.HeadType, set.Find)
	}, nil
}

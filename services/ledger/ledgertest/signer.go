package ledgertest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tongban/tongban/services/ledger"
)

// Signer is a ledger.Signer of one key, made of its name.
type Signer struct {
	id   string
	key  ed25519.PrivateKey
	Fail error // what Sign fails with
}

var _ ledger.Signer = (*Signer)(nil)

// NewSigner makes the signer of a name: the same each time.
func NewSigner(id string) *Signer {
	seed := sha256.Sum256([]byte(id))
	return &Signer{id: id, key: ed25519.NewKeyFromSeed(seed[:])}
}

var b64 = base64.RawURLEncoding

// Sign signs, as ledger.Signer promises.
func (s *Signer) Sign(_ context.Context, typ string, claims any) (string, ledger.SigningKey, error) {
	if s.Fail != nil {
		return "", ledger.SigningKey{}, s.Fail
	}
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": typ, "kid": s.id})
	if err != nil {
		return "", ledger.SigningKey{}, err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", ledger.SigningKey{}, err
	}
	input := b64.EncodeToString(header) + "." + b64.EncodeToString(body)
	return input + "." + b64.EncodeToString(ed25519.Sign(s.key, []byte(input))), s.Keys()[0], nil
}

// Keys gives the one key.
func (s *Signer) Keys() []ledger.SigningKey {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return []ledger.SigningKey{{ID: s.id, JWK: b64.EncodeToString(public)}}
}

// Open opens, as ledger.Signer promises.
func (s *Signer) Open(jws, typ string, keys []ledger.SigningKey) ([]byte, error) {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return nil, errors.New("ledgertest: no JWS")
	}
	var header struct{ Typ, Kid string }
	raw, _ := b64.DecodeString(parts[0])
	signature, _ := b64.DecodeString(parts[2])
	if err := json.Unmarshal(raw, &header); err != nil || header.Typ != typ {
		return nil, errors.New("ledgertest: another type")
	}
	for _, k := range keys {
		public, _ := b64.DecodeString(k.JWK)
		if k.ID == header.Kid && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), signature) {
			return b64.DecodeString(parts[1])
		}
	}
	return nil, errors.New("ledgertest: no such key")
}

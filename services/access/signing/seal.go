package signing

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

func newSeal() (*FileKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	d, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	jwk, err := PublicJWK(key.Public())
	if err != nil {
		return nil, err
	}
	return &FileKey{JWK: jwk, D: base64.RawURLEncoding.EncodeToString(d)}, nil
}

// WithSeal gives the file with a sealing key where it has none: files of before
// there were seals.
func (f File) WithSeal() (File, error) {
	if f.Seal != nil {
		return f, nil
	}
	var err error
	f.Seal, err = newSeal()
	return f, err
}

// Sealer gives the signer of seals. It fails when the file holds no sealing
// key, or one that does not fit its public part.
func (f File) Sealer() (Signer, error) {
	if f.Seal == nil {
		return nil, errors.New("signing: the file holds no sealing key")
	}
	key, err := f.Seal.private()
	if err != nil {
		return nil, err
	}
	s, err := FromKey(key)
	if err != nil {
		return nil, err
	}
	if p := s.Public(); p.KeyType != "EC" || p.X != f.Seal.X || p.KeyID != f.Seal.KeyID {
		return nil, errors.New("signing: the sealing key of the file does not match its public part")
	}
	return s, nil
}

// Compact signs claims as a compact JWS (RFC 7515 §3.1) by one key.
func Compact(ctx context.Context, s Signer, typ string, claims any) (string, error) {
	key := s.Public()
	if key.Algorithm == "" {
		return "", errors.New("signing: the key names no algorithm")
	}
	header, err := json.Marshal(map[string]string{"alg": key.Algorithm, "typ": typ, "kid": key.KeyID})
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	input := b64(header) + "." + b64(body)
	sig, err := s.Sign(ctx, []byte(input))
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return input + "." + b64(sig), nil
}

// WellFormed refuses a compact JWS that could be read in two ways, for who
// checks one that is no token with an end.
func WellFormed(compact string) error { return wellFormed(compact) }

// Header gives the header of a compact JWS, before anybody proved anything.
func Header(compact string) (map[string]any, error) {
	first, _, _ := strings.Cut(compact, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(first)
	if err != nil {
		return nil, errors.New("signing: not base64url")
	}
	h := map[string]any{}
	if json.Unmarshal(raw, &h) != nil {
		return nil, errors.New("signing: not a JSON object")
	}
	return h, nil
}

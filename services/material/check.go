package material

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access/signing"
)

// Verdict is what came of checking a seal.
type Verdict string

// The verdicts.
const (
	// Genuine means that we sealed it and it stands in our register.
	Genuine Verdict = "GENUINE"
	// Unregistered means that the signature is good, and the act is not, or no
	// longer, in our register: it was never used for a case.
	Unregistered Verdict = "UNREGISTERED"
	// False means that it is no seal of ours, or was changed.
	False Verdict = "FALSE"
)

// Checked is what anyone may learn of a seal that they hold: what it says,
// without the person's name in it.
type Checked struct {
	Verdict  Verdict      `json:"verdict"`
	Item     ids.ItemID   `json:"item,omitempty"`
	Region   ids.AreaCode `json:"region,omitempty"`
	Material string       `json:"material,omitempty"`
	Title    string       `json:"title,omitempty"`
	// Level is the real-name level of who signed.
	Level    int       `json:"level,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
	SignedAt time.Time `json:"signedAt,omitzero"`
	// Document tells whether the document that was asked about is the one that
	// was signed; nil when none was.
	Document *bool `json:"document,omitempty"`
}

// maxSeal bounds what is looked at, in bytes. Our choice: ours have about 900.
const maxSeal = 4 << 10

// Check tells what a seal is worth, and whether the document with the hash (64
// hex digits, may be empty) is what was signed. What is no seal is False and no
// error. It fails with Unavailable when nobody can tell.
func (s *Service) Check(ctx context.Context, seal, hash string) (Checked, error) {
	const op = "material.Check"
	keys, err := s.Keys(ctx)
	if err != nil {
		return Checked{}, fault.Wrap(op, err)
	}
	c, err := s.read(strings.TrimSpace(seal), keys)
	if err != nil {
		return Checked{Verdict: False}, nil //nolint:nilerr // that it is none is the answer
	}
	out := Checked{
		Verdict: Unregistered, Item: c.Item, Region: c.Region, Material: c.Material, Title: c.Document.Title,
		Level: c.Level, SHA256: c.Document.SHA256, SignedAt: time.Unix(c.IssuedAt, 0).UTC(),
	}
	if hash != "" {
		same := strings.EqualFold(hash, c.Document.SHA256)
		out.Document = &same
	}
	x, err := s.d.Store.Signature(ctx, c.ID)
	switch {
	case err == nil && x.Seal == strings.TrimSpace(seal):
		out.Verdict = Genuine
	case err != nil && !fault.Is(err, fault.NotFound):
		return Checked{}, fault.Wrap(op, err)
	}
	return out, nil
}

// errSeal says no more: whoever sent it gets no help in forging.
var errSeal = errors.New("material: no seal of ours")

// read checks a compact JWS as strictly as signing.Verify does a token, but
// that a seal has no end.
func (s *Service) read(seal string, keys signing.JWKS) (claims, error) {
	if len(seal) > maxSeal || signing.WellFormed(seal) != nil {
		return claims{}, errSeal
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{signing.ES256}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	token, err := parser.Parse(seal, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return keys.Find(kid, signing.ES256)
	})
	if err != nil || token.Header["typ"] != SealType || token.Header["crit"] != nil {
		return claims{}, errSeal
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(seal, ".")[1])
	var c claims
	if err != nil || json.Unmarshal(payload, &c) != nil || c.Issuer != s.d.Issuer {
		return claims{}, errSeal
	}
	return c, nil
}

package material

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/ledger"
)

// SealType sets a seal apart from every token of the product (RFC 8725 §3.11).
const SealType = "tongban-seal+jwt"

// claims is what a seal says. It has no end: a signature does not lapse.
type claims struct {
	Issuer string `json:"iss"`
	// Audience is the plug-in of the handling place, Subject the name by which
	// it knows the person.
	Audience ids.AppID       `json:"aud"`
	Subject  string          `json:"sub"`
	Actor    *actor          `json:"act,omitempty"`
	ID       ids.SignatureID `json:"jti"`
	IssuedAt int64           `json:"iat"`
	Level    int             `json:"gov_level"`
	Item     ids.ItemID      `json:"gov_item"`
	Region   ids.AreaCode    `json:"gov_region"`
	Material string          `json:"gov_material"`
	Document sealed          `json:"gov_document"`
}

type actor struct {
	Subject string `json:"sub"`
}

type sealed struct {
	Title     string `json:"title"`
	MediaType string `json:"media_type"`
	SHA256    string `json:"sha256"`
}

// Hash gives the hash under which a document is signed, 64 hex digits.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Sign seals the act of a person who has read and confirmed a document, enters
// it in the ledger and keeps it, all or nothing. It fails with Forbidden
// LEVEL_TOO_LOW below LevelMin, and ACTING_NOT_ALLOWED for one who acts for
// another without the scope of the item.
func (s *Service) Sign(ctx context.Context, who ids.Actor, in Signing) (Signature, error) {
	const op = "material.Sign"
	if err := may(op, who, in.Item); err != nil {
		return Signature{}, err
	}
	if in.Level < LevelMin {
		return Signature{}, fault.New(op, fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", strconv.Itoa(LevelMin))
	}
	x := Signature{
		ID: ids.SignatureID(s.d.IDs.New(signaturePrefix)), Subject: who.Subject, By: who.By,
		Item: in.Item, Region: in.Region, Material: in.Material, Title: in.Title, Text: in.Text, SHA256: Hash(in.Text),
		Level: in.Level, SignedAt: s.d.Clock.Now(),
	}
	var err error
	if x.Seal, err = s.seal(ctx, x, in.App); err != nil {
		return Signature{}, fault.Wrap(op, err)
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		// In the same unit, so that no seal is out whose key is not known.
		if err := s.d.Store.AddKey(ctx, u, Key{JWK: s.d.Sealer.Public(), Since: x.SignedAt}); err != nil {
			return err
		}
		if err := s.d.Store.AddSignature(ctx, u, x); err != nil {
			return err
		}
		return s.d.Ledger.Record(ctx, u, ledger.Entry{
			Subject: x.Subject, By: x.By,
			Receiver: ledger.Receiver{Kind: ledger.Province, ID: string(in.App), Name: in.Operator},
			Purpose:  signedBy(who) + "签署" + in.Title + ",供办理" + in.ItemName, Item: string(x.Item),
			Fields: []string{x.Material}, Basis: signedBy(who) + "阅读全文并确认签署",
		})
	})
	if err != nil {
		return Signature{}, fault.Wrap(op, err)
	}
	return x, nil
}

// signedBy is who signed, as the ledger says it.
func signedBy(who ids.Actor) string {
	if who.Mandate != "" {
		return "代办人(经授权)"
	}
	return "本人"
}

func (s *Service) seal(ctx context.Context, x Signature, app ids.AppID) (string, error) {
	const op = "material.seal"
	subject, err := s.d.Names.Pairwise(ctx, app, x.Subject)
	if err != nil {
		return "", fault.Wrap(op, err)
	}
	c := claims{
		Issuer: s.d.Issuer, Audience: app, Subject: subject, ID: x.ID, IssuedAt: x.SignedAt.Unix(),
		Level: x.Level, Item: x.Item, Region: x.Region, Material: x.Material,
		Document: sealed{Title: x.Title, MediaType: TextType, SHA256: x.SHA256},
	}
	if x.By != "" {
		by, err := s.d.Names.Pairwise(ctx, app, x.By)
		if err != nil {
			return "", fault.Wrap(op, err)
		}
		c.Actor = &actor{Subject: by}
	}
	seal, err := signing.Compact(ctx, s.d.Sealer, SealType, c)
	if err != nil {
		return "", fault.New(op, fault.Unavailable, "SEALING_FAILED").Because(err)
	}
	return seal, nil
}

// Keys gives every public key that ever sealed, and the one that seals now, so
// that a seal of long ago can still be checked.
func (s *Service) Keys(ctx context.Context) (signing.JWKS, error) {
	now := s.d.Sealer.Public()
	set := signing.JWKS{Keys: []signing.JWK{now}}
	known, err := s.d.Store.Keys(ctx)
	if err != nil {
		return signing.JWKS{}, fault.Wrap("material.Keys", err)
	}
	for _, k := range known {
		if k.JWK.KeyID != now.KeyID {
			set.Keys = append(set.Keys, k.JWK)
		}
	}
	return set, nil
}

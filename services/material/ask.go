package material

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

// Ask opens an address for one file. Whether the item asks for the material is
// checked by who calls. It fails with Invalid UPLOAD_TYPE_UNKNOWN,
// UPLOAD_SIZE_INVALID or UPLOAD_HASH_INVALID, RateLimited UPLOADS_TOO_MANY when
// the person has too many that no case has taken, and Forbidden
// ACTING_NOT_ALLOWED for one who acts for another without the scope of the item.
func (s *Service) Ask(ctx context.Context, actor ids.Actor, a Asking) (Upload, error) {
	const op = "material.Ask"
	if err := may(op, actor, a.Item); err != nil {
		return Upload{}, err
	}
	if err := a.check(); err != nil {
		return Upload{}, fault.Wrap(op, err)
	}
	now := s.d.Clock.Now()
	x := Upload{
		ID: ids.UploadID(s.d.IDs.New(uploadPrefix)), Subject: actor.Subject, By: actor.By,
		Item: a.Item, Region: a.Region, Material: a.Material,
		MediaType: a.MediaType, Bytes: a.Bytes, SHA256: strings.ToLower(a.SHA256),
		State: Asked, CreatedAt: now, ExpiresAt: now.Add(AddressTTL),
	}
	err := s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		open, err := s.d.Store.CountOpen(ctx, u, actor.Subject)
		if err != nil {
			return err
		}
		if open >= maxOpen {
			return fault.New(op, fault.RateLimited, "UPLOADS_TOO_MANY").After(KeepUnused)
		}
		return s.d.Store.AddUpload(ctx, u, x)
	})
	if err != nil {
		return Upload{}, fault.Wrap(op, err)
	}
	x.Address = s.address(x.ID)
	return x, nil
}

// maxName bounds a material's name, in characters. Our choice, twice the
// longest known.
const maxName = 60

func (a Asking) check() error {
	const op = "material.Asking"
	hash, err := hex.DecodeString(a.SHA256)
	switch {
	case !slices.Contains(MediaTypes(), a.MediaType):
		return fault.New(op, fault.Invalid, "UPLOAD_TYPE_UNKNOWN").With("types", strings.Join(MediaTypes(), ","))
	case a.Bytes < 1 || a.Bytes > MaxBytes:
		return fault.New(op, fault.Invalid, "UPLOAD_SIZE_INVALID").With("max", strconv.Itoa(MaxBytes))
	case err != nil || len(hash) != 32:
		return fault.New(op, fault.Invalid, "UPLOAD_HASH_INVALID")
	case a.Material == "" || !utf8.ValidString(a.Material) || utf8.RuneCountInString(a.Material) > maxName:
		return fault.New(op, fault.Invalid, "MATERIAL_INVALID")
	}
	return nil
}

// Upload gives the person's own upload; Private for anybody else.
func (s *Service) Upload(ctx context.Context, actor ids.Actor, id ids.UploadID) (Upload, error) {
	const op = "material.Upload"
	x, err := s.d.Store.Upload(ctx, id)
	if err != nil {
		return Upload{}, hidden(op, err)
	}
	if x.Subject != actor.Subject || x.By != actor.By || !actor.May(ids.ScopeMatter(x.Item)) {
		return Upload{}, fault.New(op, fault.Private, "UPLOAD_UNKNOWN")
	}
	x.Address = s.address(x.ID)
	return x, nil
}

// Signature gives the person's own signature; Private for anybody else.
func (s *Service) Signature(ctx context.Context, actor ids.Actor, id ids.SignatureID) (Signature, error) {
	const op = "material.Signature"
	x, err := s.d.Store.Signature(ctx, id)
	if err != nil {
		return Signature{}, hidden(op, err)
	}
	if x.Subject != actor.Subject || x.By != actor.By || !actor.May(ids.ScopeMatter(x.Item)) {
		return Signature{}, fault.New(op, fault.Private, "SIGNATURE_UNKNOWN")
	}
	return x, nil
}

// hidden makes what is not there the same as what is another's.
func hidden(op string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(op, fault.Private, fault.CodeOf(err))
	}
	return fault.Wrap(op, err)
}
